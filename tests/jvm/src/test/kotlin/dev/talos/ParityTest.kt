package dev.talos

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Every operation that the contracts name answers through this door. */
class ParityTest {
    private class Operation(val id: String, val isPure: Boolean)

    /** The table, from the files that everything else is generated from: an id and then its members, indented. */
    private val operations = root.resolve("contracts/operations").listFiles { file: File -> file.extension == "yaml" }!!
        .flatMap { Regex("""(?m)^([a-z0-9]+\.[a-z0-9_]+):\n((?:  .*\n|\n)*)""").findAll(it.readText() + "\n") }
        .map { Operation(it.groupValues[1], !it.groupValues[2].contains("  pure: false\n")) }

    private fun codeOrAnswer(door: Door, id: String) = try {
        door.ask(id, "{}")
    } catch (error: TalosException.Failed) {
        error.code
    }

    @Test
    fun `the table is whole`() {
        val headings = Regex("""(?m)^## (\S+)$""").findAll(root.resolve("docs/reference/operations.md").readText())
        assertEquals(headings.map { it.groupValues[1] }.toSortedSet(), operations.map { it.id }.toSortedSet())
        assertTrue(operations.any { it.isPure } && operations.any { !it.isPure })
    }

    @Test
    fun `no operation of the table is unknown`() = Door().use { door ->
        for (operation in operations) assertNotEquals("operation.unknown", codeOrAnswer(door, operation.id), operation.id)
        assertEquals("operation.unknown", code { door.ask("no.such", "{}") })
    }

    @Test
    fun `operations of a kernel need one, and pure ones do not`() {
        val expected = { operation: Operation -> if (operation.isPure) "malformed.member_missing" else "kernel.not_open" }
        for (operation in operations.filter { it.id != "kernel.open" }) Door().use { door ->
            val found = codeOrAnswer(door, operation.id)
            // Members that are missing are seen before the kernel that is; a pure operation that needs none answers.
            val answers = operation.isPure && found.startsWith("{")
            assertTrue(answers || found == expected(operation) || found == "malformed.member_missing", "${operation.id}: $found")
        }
        for (operation in operations.filter { !it.isPure }) opened().use { door ->
            assertNotEquals("kernel.not_open", codeOrAnswer(door, operation.id), operation.id)
        }
    }

    @Test
    fun `the library speaks these contracts`() {
        val generated = root.resolve("core/contracts/src/generated/operations.rs").readText()
        assertEquals(Regex("MANIFEST_HASH: &str = \"(.*)\"").find(generated)!!.groupValues[1], manifestHash())
        assertEquals(Regex("(?m)^version = \"(.*)\"").find(root.resolve("Cargo.toml").readText())!!.groupValues[1], version())
        assertEquals(2u, abi())
    }
}
