/** What is in an object, for the native part, which cannot see proxies, accessors and prototypes itself. */

import { types } from "node:util";

/**
 * The elements of an array; names and values of a plain object in turn; or what the value is instead.
 *
 * Nothing of the object's own code runs: accessors are not called, and proxies are not touched. A member that is
 * undefined counts as absent, as the contracts say.
 */
export function entriesOf(object: object): unknown[] | string {
  if (types.isProxy(object)) {
    return "a Proxy";
  }
  return Array.isArray(object) ? elements(object) : members(object);
}

function elements(array: readonly unknown[]): unknown[] | string {
  if (!isArrayPrototype(Object.getPrototypeOf(array))) {
    return `a list of ${className(array)}`;
  }
  const found: unknown[] = [];
  const keys = Reflect.ownKeys(array);
  // The last key is "length"; the ones before it are the elements, in order, unless some are missing or others are there.
  if (keys.length !== array.length + 1) {
    return "an array with holes or with members of its own";
  }
  for (let index = 0; index < array.length; index += 1) {
    const property = Object.getOwnPropertyDescriptor(array, index);
    if (property === undefined || !("value" in property)) {
      return "an array with holes or accessors";
    }
    found.push(property.value);
  }
  return found;
}

function members(object: object): unknown[] | string {
  if (!isPlain(object)) {
    return `an object of ${className(object)}`;
  }
  const found: unknown[] = [];
  for (const key of Reflect.ownKeys(object)) {
    const property = Object.getOwnPropertyDescriptor(object, key);
    if (typeof key === "symbol" || property === undefined || !property.enumerable || !("value" in property)) {
      return "an object with accessors, symbols or hidden members";
    }
    if (property.value !== undefined) {
      found.push(key, property.value);
    }
  }
  return found;
}

/** Whether it is `{...}`, of this realm or another, or has no prototype at all. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) {
    return true;
  }
  return (
    typeof prototype === "object" &&
    !types.isProxy(prototype) &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf")
  );
}

/** Of this realm or another. It is a list itself; that of a derived class is not. */
function isArrayPrototype(prototype: unknown): boolean {
  return (
    prototype === Array.prototype ||
    (!types.isProxy(prototype) && Array.isArray(prototype) && Object.hasOwn(prototype, "concat"))
  );
}

function className(object: object): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (typeof prototype !== "object" || prototype === null || types.isProxy(prototype)) {
    return "a class";
  }
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const name: unknown = typeof made === "function" && Object.getOwnPropertyDescriptor(made, "name")?.value;
  return typeof name === "string" && name !== "" ? `class ${name}` : "a class";
}
