package dev.talos

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.PrintStream
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** What a host does, from the directory to the proof. */
class StoryTest {
    @TempDir
    lateinit var directory: Path

    private fun Door.verify(bundle: JsonNode, logKey: String, issuer: String) =
        ask("bundle.verify", "bundle" to bundle, "log_keys" to listOf(logKey), "issuers" to listOf(issuer))

    @Test
    fun `a call is allowed, started, settled and proved, and another is denied`() {
        val door = opened(directory)
        val kernel = door.ask("kernel.describe")
        val (logKey, issuer) = kernel["log_key"].textValue() to kernel["issuer"].textValue()
        val run = door.use {
            val run = door.openRun()
            val write = toolCall(run, "write_note", "c1").set<JsonNode>("args", node("text" to "Bronze does not tire."))
            val allowed = door.ask("run.authorize", "action" to write)["decision"]
            assertEquals("allow", allowed["verdict"].textValue())
            assertEquals("issued", allowed["permit"].textValue())
            assertEquals("started", door.ask("run.start", "action" to write)["state"].textValue())
            val settled = door.ask("run.settle", "run" to run, "call" to "c1", "outcome" to node("status" to "ok"))
            assertEquals("settled", settled["state"].textValue())

            val denied = door.ask("run.authorize", "action" to toolCall(run, "erase_all", "c2"))["decision"]
            assertEquals("deny", denied["verdict"].textValue())
            assertEquals("policy.tool_not_allowed", denied["reasons"][0]["code"].textValue())
            assertFalse(denied.has("permit"))
            assertEquals("call.unknown", code { door.ask("run.start", "action" to toolCall(run, "erase_all", "c2")) })

            val bundle = door.ask("audit.prove", "receipt_id" to settled["receipt_id"])["bundle"]
            val verified = door.verify(bundle, logKey, issuer)
            assertTrue(verified["valid"].booleanValue(), verified.toString())
            assertEquals(settled["receipt_id"], verified["receipt_id"])
            val stranger = door.ask("bundle.verify", "bundle" to bundle)
            assertEquals("trust.none", stranger["reason"].textValue())
            hand(bundle, logKey, issuer)
            door.ask("run.close", "run" to run)
            assertEquals(0, door.ask("audit.verify_log")["open"].intValue())
            door.ask("kernel.close")
            run
        }
        // Another handle on the same directory finds what this one has left.
        opened(directory).use { again ->
            assertEquals(issuer, again.ask("kernel.describe")["issuer"].textValue())
            assertEquals(run, again.ask("receipt.get")["receipt"]["run"].textValue())
        }
    }

    /** Leaves the bundle and the two keys where other programs are about to verify them. */
    private fun hand(bundle: JsonNode, logKey: String, issuer: String) {
        val folder = File(System.getenv("TALOS_JVM_OUT")).also { it.mkdirs() }
        folder.resolve("bundle.json").writeText(json.writeValueAsString(bundle))
        folder.resolve("log.vkey").writeText("$logKey\n")
        folder.resolve("identity.did").writeText("$issuer\n")
    }

    @Test
    fun `a bundle of the binary is verified, and not after a change`() = Door().use { door ->
        val folder = File(System.getenv("TALOS_JVM_IN"))
        val (logKey, issuer) = listOf("log.vkey", "identity.did").map { folder.resolve(it).readText().trim() }
        val text = folder.resolve("bundle.json").readText()
        val verified = door.verify(json.readTree(text), logKey, issuer)
        assertTrue(verified["valid"].booleanValue(), verified.toString())
        assertEquals("malformed.syntax", door.verify(json.valueToTree(text.dropLast(2)), logKey, issuer)["reason"].textValue())
        assertEquals("trust.none", door.ask("bundle.verify", "bundle" to json.readTree(text))["reason"].textValue())

        val forged = json.readTree(text)
        val payload = forged.findParent("payload") as ObjectNode
        val original = payload["payload"].textValue()
        payload.put("payload", original.replaceRange(20, 21, if (original[20] == 'A') "B" else "A"))
        assertFalse(door.verify(forged, logKey, issuer)["valid"].booleanValue())
    }

    @Test
    fun `the quick start of the README does what it says`() {
        val before = System.out
        val written = ByteArrayOutputStream()
        System.setOut(PrintStream(written, true))
        try {
            Class.forName("QuickStartKt").getMethod("main").invoke(null)
        } finally {
            System.setOut(before)
        }
        val lines = written.toString().trim().lines()
        assertEquals(listOf("allow", "deny"), lines.take(2).map { json.readTree(it)["decision"]["verdict"].textValue() })
        assertEquals("malformed.syntax", lines.last())
    }
}
