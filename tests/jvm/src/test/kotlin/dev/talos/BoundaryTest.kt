package dev.talos

import java.nio.charset.CharacterCodingException
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.Future
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicLong
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What passes between a JVM and the library, at its edges. */
class BoundaryTest {
    private fun canonicalize(text: String) =
        node("profile" to "talos-data", "text" to text).let { Door().use { door -> door.ask("json.canonicalize", it) } }["canonical"].textValue()

    @Test
    fun `an error has its code, its sentence and its problem document`() = Door().use { door ->
        val error = failure { door.ask("audit.root", """{"leafs": []}""") }
        assertEquals("malformed.member_unknown", error.code)
        val problem = json.readTree(error.problem)
        assertEquals(error.code, problem["code"].textValue())
        assertEquals("urn:talos:error:${error.code}", problem["type"].textValue())
        assertEquals(error.detail, problem["detail"].textValue())
        assertEquals(400, problem["status"].intValue())
        assertTrue(error.detail.isNotEmpty() && error.message.contains(error.code), error.message)
    }

    @Test
    fun `NUL is a character like others in names, and none in JSON`() = Door().use { door ->
        assertEquals("operation.unknown", code { door.ask("audit.root\u0000", "{}") })
        assertEquals("malformed.syntax", code { door.ask("audit.root", "{}\u0000") })
        assertEquals(""""\u0000"""", canonicalize(""""\u0000""""))
    }

    @Test
    fun `a lone surrogate is refused on each way in, and never becomes another character`() = Door().use { door ->
        assertThrows(CharacterCodingException::class.java) { door.call("audit.root\uD800", ByteArray(0)) }
        assertThrows(CharacterCodingException::class.java) { door.ask("audit.root", "{\"\uDC00\":0}") }
        assertEquals("malformed.surrogate", code { door.ask("audit.root", """{"\ud800":0}""") })
        val surrogate = byteArrayOf('"'.code.toByte(), 0xED.toByte(), 0xA0.toByte(), 0x80.toByte(), '"'.code.toByte())
        assertEquals("malformed.utf8", code { door.call("audit.root", surrogate) })
        assertEquals("\"\uD83D\uDE00\"", canonicalize("\"\uD83D\uDE00\""))
    }

    @Test
    fun `integers beyond 2^53 - 1 are refused, not rounded`() {
        assertEquals("9007199254740991", canonicalize("9007199254740991"))
        assertEquals("malformed.number", code { canonicalize("9007199254740993") })
    }

    @Test
    fun `16 MiB pass, a byte more does not`() {
        val most = "\"" + "a".repeat((16 shl 20) - 2) + "\""
        assertEquals(most, canonicalize(most))
        assertEquals("malformed.value", code { canonicalize("$most ") })
        assertEquals("malformed.size", code { Door().use { it.call("audit.root", ByteArray((48 shl 20) + 1) { ' '.code.toByte() }) } })
        assertEquals("malformed.syntax", code { Door().use { it.call("audit.root", ByteArray(0)) } })
    }

    @Test
    fun `nothing is answered after the kernel is closed`() = opened().use { door ->
        val run = door.openRun()
        assertEquals("kernel.already_open", code { door.ask("kernel.open", "memory" to true) })
        door.ask("kernel.close")
        val inputs = mapOf(
            "kernel.describe" to node(),
            "run.open" to node(),
            "run.decide" to node("action" to toolCall(run, "read_note")),
            "run.authorize" to node("action" to toolCall(run, "read_note")),
            "run.counters" to node("run" to run),
            "audit.prove" to node(),
            "audit.checkpoint" to node(),
        )
        for ((operation, input) in inputs) assertEquals("kernel.closed", code { door.ask(operation, input) }, operation)
        assertEquals(43, door.ask("audit.leaf_hash", "entry" to "")["leaf_hash"].textValue().length)
    }

    @Test
    fun `a door that is given up is not used again`() {
        val door = opened()
        door.close()
        door.close()
        assertThrows(IllegalStateException::class.java) { door.ask("kernel.describe") }
    }

    private fun <T> onThreads(count: Int, work: (Int) -> T): List<T> {
        val pool = Executors.newFixedThreadPool(count)
        val start = CountDownLatch(1)
        val all: List<Future<T>> = (0 until count).map { i -> pool.submit<T> { start.await(); work(i) } }
        start.countDown()
        return all.map { it.get(60, SECONDS) }.also { pool.shutdown() }
    }

    @Test
    fun `sixteen threads share a door, its kernel and one run`(@TempDir directory: Path) = opened(directory).use { door ->
        val shared = door.openRun()
        val verdicts = onThreads(16) { thread ->
            val own = door.openRun()
            val found = (0 until 25).flatMap { i ->
                listOf("read_note" to own, "erase_all" to shared).map { (target, run) ->
                    val action = toolCall(run, target, "t$thread-$i")
                    val decision = door.ask("run.authorize", "action" to action)["decision"]
                    if (decision.has("permit")) {
                        door.ask("run.start", "action" to action)
                        door.ask("run.settle", "run" to run, "call" to "t$thread-$i", "outcome" to node("status" to "ok"))
                    }
                    target to decision["verdict"].textValue()
                }
            }
            door.ask("run.close", "run" to own)
            found
        }.flatten()
        assertEquals(setOf("read_note" to "allow", "erase_all" to "deny"), verdicts.toSet())
        assertEquals(16 * 25 * 2, verdicts.size)
        door.ask("run.close", "run" to shared)
        val log = door.ask("audit.verify_log")
        // 17 runs that open and close, 400 allowed calls with their outcomes, 400 denied ones.
        assertEquals(17 * 2 + 400 * 2 + 400, log["size"].intValue())
        assertEquals(0, log["open"].intValue())
        assertEquals(17, log["closed"].intValue())
    }

    /** Four threads that authorise until they fail or have done enough; what each of them ended with. */
    private fun ends(door: Door, round: Int, most: Int, end: () -> Unit): List<Throwable?> {
        val run = door.openRun()
        val answered = AtomicLong()
        val callers = Executors.newFixedThreadPool(4)
        val all = (0 until 4).map { thread ->
            callers.submit<Throwable?> {
                (0 until most).firstNotNullOfOrNull { i ->
                    val action = toolCall(run, "write_note", "$round-$thread-$i")
                    runCatching { door.ask("run.authorize", "action" to action) }.onSuccess { answered.incrementAndGet() }.exceptionOrNull()
                }
            }
        }
        while (answered.get() < 10) Thread.sleep(1)
        end()
        return all.map { it.get(60, SECONDS) }.also { callers.shutdown() }
    }

    @Test
    fun `a kernel that is closed while calls are under way answers none after them`(@TempDir directory: Path) = repeat(5) { round ->
        opened(directory).use { door ->
            val ends = ends(door, round, most = Int.MAX_VALUE) { door.ask("kernel.close") }
            assertEquals(List(4) { "kernel.closed" }, ends.map { (it as TalosException.Failed).code })
        }
    }

    @Test
    fun `a door that is given up while calls are under way lets them end`(@TempDir directory: Path) {
        repeat(5) { round ->
            val door = opened(directory)
            // As long as one call overlaps the next, UniFFI keeps the door; the end of a kernel is `kernel.close`.
            for (end in ends(door, round, most = 200) { door.close() }) assertTrue(end == null || end is IllegalStateException, "$end")
            assertThrows(IllegalStateException::class.java) { door.ask("kernel.describe") }
        }
        opened(directory).use { assertTrue(it.ask("audit.verify_log")["size"].intValue() >= 50) }
    }
}
