package dev.talos

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import com.fasterxml.jackson.databind.node.TextNode
import java.io.IOException
import java.security.MessageDigest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The shared vectors (vectors/README.md), all of them, through the door. */
class VectorsTest {
    private val folder = root.resolve("vectors")
    private val manifest = json.readTree(folder.resolve("manifest.json"))
    private val door = Door()

    /** One call and what it must answer: an output, a code, or a decision with the codes of its reasons. */
    private class Call(val operation: String, val input: JsonNode, val output: JsonNode?, val error: String?, val isDecision: Boolean = false)

    private fun lines(policy: JsonNode) = policy.joinToString("\n", postfix = "\n") { it.textValue() }

    private fun ofCall(case: JsonNode): List<Call> {
        val input = case["input"].deepCopy<JsonNode>()
        case["repeat"]?.let { repeat ->
            val (member, unit) = listOf("member", "unit").map { repeat[it].textValue() }
            val text = input[member].textValue()
            assertEquals(2, text.split(MARK).size, case["name"].textValue())
            (input as ObjectNode).put(member, text.replace(MARK, unit.repeat(repeat["times"].intValue())))
        }
        assertTrue(case.has("output") != case.has("error"), case["name"].textValue())
        return listOf(Call(case["operation"].textValue(), input, case["output"], case["error"]?.textValue()))
    }

    /** The files that the policy of a case includes. */
    private fun included(case: JsonNode): Array<Pair<String, Any>> =
        if (case.has("files")) arrayOf<Pair<String, Any>>("files" to case["files"]) else emptyArray()

    /** A policy that is refused: `policy.check` says why, and `policy.decide` fails with the first of the codes. */
    private fun ofMistakes(case: JsonNode): List<Call> {
        val (format, policy) = case["format"] to lines(case["policy"])
        val errors = node("errors" to case["errors"], "valid" to false)
        val action = node("kind" to "tool_call", "target" to "t")
        return listOf(
            Call("policy.check", node("format" to format, "text" to policy, *included(case)), errors, null),
            Call(
                "policy.decide",
                node("action" to action, "format" to format, "policy" to policy, *included(case)),
                null,
                case["errors"][0]["code"].textValue(),
            ),
        )
    }

    private fun ofDecisions(group: JsonNode): List<List<Call>> = group["cases"].map { case ->
        val input = node(
            "action" to case["action"],
            "format" to group["format"],
            "policy" to lines(case["policy"] ?: group["policy"]),
            "state" to (case["state"] ?: node()),
            "subject" to (case["subject"] ?: node()),
            *included(group),
        )
        listOf(Call("policy.decide", input, case["expect"], null, isDecision = true))
    }

    /** The policy that holds without a file has no operation that takes it; a kernel that is opened without one decides by it. */
    private fun ofBuiltin(group: JsonNode): List<() -> String?> = group["cases"].map { case ->
        { Scenario(case).decided(case["action"], case["expect"]) }
    }

    private fun fault(call: Call): String? {
        val found = try {
            this.door.call(call.operation, json.writeValueAsBytes(call.input))
        } catch (error: TalosException.Failed) {
            return "${call.operation}: expected ${call.error ?: call.output}, found $error".takeIf { error.code != call.error }
        }
        val expected = call.output ?: return "${call.operation}: expected ${call.error}, found ${found.decodeToString()}"
        val answer = json.readTree(found)
        if (call.isDecision) (answer as ObjectNode).set<JsonNode>("reasons", reasons(answer))
        // The bytes too: members in order and nothing between them. How a fraction is written is not Jackson's to say.
        val isCanonical = call.isDecision || hasFraction(expected) || found.decodeToString() == canonical(expected)
        return "${call.operation}: expected $expected, found ${found.decodeToString()}".takeIf { answer != expected || !isCanonical }
    }

    private fun hasFraction(value: JsonNode): Boolean = value.isFloatingPointNumber || value.any(::hasFraction)

    private fun canonical(value: JsonNode): String = when (value) {
        is ObjectNode -> value.properties().sortedBy { it.key }
            .joinToString(",", "{", "}") { canonical(TextNode(it.key)) + ":" + canonical(it.value) }
        is ArrayNode -> value.joinToString(",", "[", "]", transform = ::canonical)
        // RFC 8785 writes other control characters with small letters, as nobody else does.
        is TextNode -> ESCAPE.replace(json.writeValueAsString(value)) { it.value.lowercase() }
        else -> json.writeValueAsString(value)
    }

    private fun cases(form: String, content: JsonNode): List<() -> String?> {
        val calls = when (form) {
            "call" -> content["cases"].map(::ofCall)
            "mistakes" -> content["cases"].map(::ofMistakes)
            "decisions" -> content["groups"].flatMap(::ofDecisions)
            "builtin" -> return content["groups"].flatMap(::ofBuiltin)
            "runs" -> return content["cases"].map { case -> { Scenario(case).fault() } }
            else -> error("no form $form")
        }
        return calls.map { case -> { case.firstNotNullOfOrNull(::fault) } }
    }

    @Test
    fun `every case is answered as the vectors say, and as many as the manifest counts`() {
        var executed = 0
        var elsewhere = 0
        val faults = mutableListOf<String>()
        for ((path, about) in manifest["files"].properties()) {
            val bytes = folder.resolve(path).readBytes()
            val hash = MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
            assertEquals(about["sha256"].textValue(), hash, path)
            if (about["form"].textValue() in WITHOUT_OPERATION) {
                elsewhere += about["cases"].intValue()
                continue
            }
            val cases = cases(about["form"].textValue(), json.readTree(bytes))
            assertEquals(about["cases"].intValue(), cases.size, path)
            faults += cases.mapNotNull { it() }.map { "$path: $it" }
            executed += cases.size
        }
        println("vectors: $executed executed, $elsewhere without an operation, ${manifest["cases"]} in the manifest")
        assertTrue(faults.isEmpty(), "${faults.size} faults\n${faults.joinToString("\n")}")
        assertEquals(manifest["cases"].intValue(), executed + elsewhere)
        assertTrue(executed > elsewhere * 50, "only $executed cases")
    }

    @Test
    fun `no program of ours can be started from here`() {
        assertEquals("", System.getenv("PATH").orEmpty())
        assertThrows(IOException::class.java) { ProcessBuilder("talos", "--version").start() }
    }

    private companion object {
        const val MARK = "<repeat>"
        val ESCAPE = Regex("""(?<!\\)(\\\\)*\\u00[0-9A-F]{2}""")

        /** The views of a text are inside a policy's patterns: no operation shows them (vectors/README.md, Forms). */
        val WITHOUT_OPERATION = setOf("views")
    }
}

private fun reasons(decision: JsonNode): JsonNode =
    json.createArrayNode().also { codes -> decision["reasons"].forEach { codes.add(it["code"]) } }

/** A case of the form `runs`: steps through the operations of an open kernel. */
private class Scenario(private val case: JsonNode) {
    private val door = Door()
    private val kept = mutableMapOf<String, JsonNode>()

    fun fault(): String? = door.use {
        case["policy"]?.let(::begin)
        case["steps"].firstNotNullOfOrNull(::fault)?.let { "${case["name"].textValue()}: $it" }
    }

    /** What a kernel without a policy decides on an action. */
    fun decided(action: JsonNode, expected: JsonNode): String? = door.use {
        begin(json.createArrayNode())
        val asked = action.deepCopy<ObjectNode>().set<JsonNode>("run", kept["run"])
        val found = door.ask("run.decide", "action" to asked)["decision"]
        val members = node("verdict" to found["verdict"], "effect" to found["effect"], "reasons" to reasons(found))
        "run.decide: expected $expected, found $found".takeIf { members != expected }
    }

    private fun begin(policy: JsonNode) {
        val input = node("memory" to true)
        if (!policy.isEmpty) input.put("policy", policy.joinToString("\n", postfix = "\n") { it.textValue() })
        door.ask("kernel.open", input)
        kept["run"] = door.ask("run.open")["run"]
    }

    private fun filled(value: JsonNode): JsonNode = when (value) {
        is ObjectNode -> json.createObjectNode().also { new -> value.properties().forEach { new.set<JsonNode>(it.key, filled(it.value)) } }
        is ArrayNode -> json.createArrayNode().also { new -> value.forEach { new.add(filled(it)) } }
        is TextNode -> NAME.matchEntire(value.textValue())?.let { kept.getValue(it.groupValues[1]) } ?: value
        else -> value
    }

    private fun fault(step: JsonNode): String? {
        val (operation, error) = step["operation"].textValue() to step["error"]?.textValue()
        val answer = try {
            door.ask(operation, filled(step["input"]))
        } catch (failed: TalosException.Failed) {
            return "$operation: expected ${error ?: "an answer"}, found $failed".takeIf { failed.code != error }
        }
        if (error != null) return "$operation: expected $error, found $answer"
        for ((pointer, expected) in step["output"].properties()) {
            val found = answer.at(pointer)
            if (found != filled(expected)) return "$operation: $pointer is $found, expected ${filled(expected)}"
        }
        step["keep"]?.properties()?.forEach { (name, pointer) -> kept[name] = answer.at(pointer.textValue()) }
        return null
    }

    private companion object {
        val NAME = Regex("""\{(.*)}""")
    }
}
