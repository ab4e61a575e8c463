package dev.talos

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** A million calls leave nothing behind. */
class GrowthTest {
    private val leaf = """{"entry":""}""".utf8()
    private val wrong = """{"entry":0}""".utf8()

    /** What the whole process has in memory. The heap was touched when the JVM started, so that it does not count. */
    private fun resident(): Long {
        System.gc()
        val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        return line.filter(Char::isDigit).toLong() * 1024
    }

    private fun call(door: Door, times: Int) {
        for (i in 0 until times) {
            if (i % 10 == 0) assertEquals("malformed.type", code { door.call("audit.leaf_hash", wrong) })
            else door.call("audit.leaf_hash", leaf)
            if (i % 100 == 0) Door().close()
        }
    }

    @Test
    fun `a million calls, a tenth of them errors, do not grow the process`() = Door().use { door ->
        call(door, 200_000)
        val before = resident()
        val from = System.nanoTime()
        call(door, 1_000_000)
        val seconds = (System.nanoTime() - from) / 1e9
        val grown = (resident() - before) / 1024
        println("growth: 1000000 calls in %.1f s, %d KiB more".format(seconds, grown))
        // Less than 17 bytes a call: one lost answer is 60.
        assertTrue(grown < 16 * 1024, "$grown KiB")
        assertTrue(seconds < 30, "$seconds s")
    }
}
