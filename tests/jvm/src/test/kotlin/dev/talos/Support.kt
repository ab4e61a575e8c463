package dev.talos

import com.fasterxml.jackson.core.StreamReadConstraints
import com.fasterxml.jackson.databind.DeserializationFeature
import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.json.JsonMapper
import com.fasterxml.jackson.databind.node.ObjectNode
import java.io.File
import java.nio.file.Path
import org.junit.jupiter.api.fail

/** Reads and writes JSON without changing a number. */
val json: JsonMapper = JsonMapper.builder()
    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
    .build()
    .also { mapper ->
        val limits = StreamReadConstraints.builder().maxStringLength(1 shl 26).maxNestingDepth(4000).build()
        mapper.factory.setStreamReadConstraints(limits)
    }

/** The project's root; scripts/interop.sh says where it is. */
val root: File = File(System.getProperty("talos.root"))

/** UTF-8, or an exception where there is none: a lone surrogate never becomes a question mark. */
fun String.utf8(): ByteArray = encodeToByteArray(throwOnInvalidSequence = true)

fun Door.ask(operation: String, input: String): String = call(operation, input.utf8()).decodeToString()

fun Door.ask(operation: String, input: JsonNode): JsonNode = json.readTree(call(operation, json.writeValueAsBytes(input)))

/** The answer to members that are given in pairs; a value is a text, a number, a truth value or a node. */
fun Door.ask(operation: String, vararg members: Pair<String, Any>): JsonNode = ask(operation, node(*members))

fun node(vararg members: Pair<String, Any>): ObjectNode = json.valueToTree(mapOf(*members))

/** The code with which an operation fails. */
fun code(work: () -> Any?): String = failure(work).code

fun failure(work: () -> Any?): TalosException.Failed = try {
    fail("an error was expected, and the answer is ${shown(work())}")
} catch (error: TalosException.Failed) {
    error
}

private fun shown(answer: Any?) = if (answer is ByteArray) answer.decodeToString() else answer.toString()

const val POLICY = "id: jvm\nallowed_tools:\n  - {name: read_note, effect: read}\n  - {name: write_note, effect: write}\n"

/** A door with a kernel on a directory, or in memory. */
fun opened(directory: Path? = null): Door = Door().also { door ->
    val place = if (directory == null) "memory" to true else "directory" to directory.toString()
    door.ask("kernel.open", place, "policy" to POLICY)
}

fun Door.openRun(): String = ask("run.open", "{}").let { json.readTree(it)["run"].textValue() }

fun toolCall(run: String, target: String, call: String? = null): ObjectNode =
    node("kind" to "tool_call", "run" to run, "target" to target).also { if (call != null) it.put("call", call) }
