package dev.talos

import org.junit.jupiter.api.Test

/** What a call costs on a JVM: the median of rounds, after a warm-up. No test looks at it; `-Dtest=Cost` runs it. */
class Cost {
    private fun measure(what: String, times: Int = 5_000, work: (Int) -> Unit) {
        var done = 0
        val round = {
            val from = System.nanoTime()
            repeat(times) { work(done++) }
            (System.nanoTime() - from) / 1000.0 / times
        }
        repeat(5) { round() }
        val rounds = List(7) { round() }.sorted()
        println("cost: %-44s %7.2f us (rounds from %.2f to %.2f)".format(what, rounds[3], rounds.first(), rounds.last()))
    }

    @Test
    fun `what a call costs`() = opened().use { door ->
        val empty = """{"entry":""}""".utf8()
        measure("audit.leaf_hash of nothing") { door.call("audit.leaf_hash", empty) }
        val unknown = ByteArray(0)
        measure("an error, operation.unknown") { runCatching { door.call("no.such", unknown) } }
        val kilobyte = node("profile" to "talos-data", "text" to "\"${"a".repeat(1000)}\"").toString().utf8()
        measure("json.canonicalize, 1 KiB in and out") { door.call("json.canonicalize", kilobyte) }
        val run = door.openRun()
        val describe = """{"run":"$run"}""".utf8()
        measure("run.counters of an open kernel") { door.call("run.counters", describe) }
        // Signed and queued, one receipt each; the kernel is in memory.
        val denied = node("action" to toolCall(run, "erase_all")).toString().utf8()
        measure("run.decide, denied, with its receipt", times = 1_000) { door.call("run.decide", denied) }
        val allowed = node("action" to toolCall(run, "read_note")).toString().utf8()
        measure("run.decide, allowed, with its receipt", times = 1_000) { door.call("run.decide", allowed) }
    }
}
