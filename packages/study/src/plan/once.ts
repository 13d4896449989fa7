/** What was found under a key, or what `make` gives the first time. */
export function once<Value>(found: Map<string, Value>, key: string, make: () => Value): Value {
  if (!found.has(key)) found.set(key, make());
  return found.get(key) as Value; // put in above, where it may be undefined
}
