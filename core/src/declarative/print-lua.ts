const name = /^[A-Za-z_]\w*$/
const reserved = new Set(
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)

/** Prints a table of errors on one line as Kong's message does: `{services={{host="…"}}}`; holes leave `[2]=`. */
export function printLua(value: unknown): string {
  if (Array.isArray(value)) return printList(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nil'
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${printKey(key)}=${printLua(item)}`).join(',')}}`
}

function printList(items: readonly unknown[]): string {
  const hole = items.findIndex((item) => item === null)
  const dense = hole === -1 ? items.length : hole
  const printed = items.flatMap((item, index) => {
    if (item === null) return []
    return [index < dense ? printLua(item) : `[${index + 1}]=${printLua(item)}`]
  })
  return `{${printed.join(',')}}`
}

function printKey(key: string): string {
  if (/^[1-9]\d*$/.test(key)) return `[${key}]`
  return name.test(key) && !reserved.has(key) ? key : `[${JSON.stringify(key)}]`
}
