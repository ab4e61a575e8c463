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
        return line.filter(Char::isDigit).toLong()
    }

    private fun call(door: Door, times: Int) {
        for (i in 0 until times) {
            if (i % 10 == 0) assertEquals("malformed.member_unknown", code { door.call("json.canonicalize", wrong) })
            else door.call("json.canonicalize", right)
            if (i % 100 == 0) opened().close()
        }
    }

    /** A leak grows in each round; a compiler and a collector that are behind do not. */
    @Test
    fun `calls, a tenth of them errors, do not grow the process`() = Door().use { door ->
        val from = System.nanoTime()
        val sizes = List(ROUNDS + 1) { call(door, calls / ROUNDS).let { resident() } }
        val grown = sizes.zipWithNext { before, after -> after - before }
        println("growth: %d calls with 4 KiB each way in %.1f s, KiB more in each round: %s".format(calls, (System.nanoTime() - from) / 1e9, grown))
        // A lost input of one call in ten would be 4000 in each, a lost door of one in a hundred 2500.
        assertTrue(grown.sorted()[ROUNDS / 2] < 1000, "$grown KiB")
    }

    private companion object {
        const val ROUNDS = 5
    }
}
