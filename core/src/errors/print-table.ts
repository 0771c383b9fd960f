/** Prints keys as Kong's messages do: `{consumer=null,name="x",service={id="…"}}`, sorted by name. */
export function printTable(table: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(table).toSorted()
  return `{${names.map((name) => `${name}=${print(table[name])}`).join(',')}}`
}

function print(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  return printTable({ ...value })
}
