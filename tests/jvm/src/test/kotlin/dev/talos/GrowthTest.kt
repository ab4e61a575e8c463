package dev.talos

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Calls leave nothing behind: neither their inputs, nor their answers, nor their errors, nor doors. */
class GrowthTest {
    /** A call costs what JNA costs, so a million of them take minutes: TALOS_JVM_CALLS asks for them. Here fewer carry more. */
    private val calls = System.getenv("TALOS_JVM_CALLS")?.toInt() ?: 50_000
    private val text = "\"${"a".repeat(4000)}\""
    private val right = node("profile" to "talos-data", "text" to text).toString().utf8()
    private val wrong = node("profile" to "talos-data", "test" to text).toString().utf8()

    /** What the whole process has in memory. The heap was touched when the JVM started, so that it does not count. */
    private fun resident(): Long {
        System.gc()
        Thread.sleep(200)
        val line = File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }
        return line.filter(Char::isDigit).toLong() / 1024
    }

    private fun call(door: Door, times: Int) {
        for (i in 0 until times) {
            if (i % 10 == 0) assertEquals("malformed.member_unknown", code { door.call("json.canonicalize", wrong) })
            else door.call("json.canonicalize", right)
            if (i % 100 == 0) opened().close()
        }
    }

    @Test
    fun `calls, a tenth of them errors, do not grow the process`() = Door().use { door ->
        call(door, 20_000)
        val before = resident()
        val from = System.nanoTime()
        call(door, calls)
        val seconds = (System.nanoTime() - from) / 1e9
        val grown = resident() - before
        println("growth: $calls calls with 4 KiB each way in %.1f s, $grown MiB more".format(seconds))
        // One lost answer in ten would be 20 MiB.
        assertTrue(grown < 16, "$grown MiB")
    }
}
