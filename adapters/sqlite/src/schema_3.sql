-- What version 3 has beside the tables of version 2.

-- When the arguments are erased at the latest; absent: they stay. Arguments that were erased are empty.
ALTER TABLE approvals ADD COLUMN erase_at INTEGER;
CREATE INDEX approvals_to_erase ON approvals (erase_at) WHERE erase_at IS NOT NULL AND args <> x'';
