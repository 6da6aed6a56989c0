/** So many are remembered of a kind. */
const AT_MOST = 500;

/** What is made at most once as long as it is remembered; of very many things none is remembered for long. */
export function remember<Value>(memory: Map<string, Value>, key: string, make: () => Value): Value {
  let value = memory.get(key);
  if (value === undefined) {
    if (memory.size >= AT_MOST) memory.clear();
    memory.set(key, (value = make()));
  }
  return value;
}
