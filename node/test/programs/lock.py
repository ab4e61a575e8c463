"""Holds the write lock of a log for some seconds: `lock.py DIRECTORY SECONDS`."""

import sqlite3
import sys
import time
from pathlib import Path

connection = sqlite3.connect(Path(sys.argv[1], "talos.db"), isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
