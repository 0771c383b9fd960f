/** A text that means itself without quotes: a name, an address, a UUID. It must hold a letter that no number has. */
const plain = /^[A-Za-z_/][\w./@-]*$/
const uuid = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/
/** Words that are something else in YAML 1.1 or 1.2. */
const words = /^(?:y|n|yes|no|on|off|true|false|null|[-+]?\.?(?:inf|nan))$/i
/** Lines that a block can hold as they are. */
const lines = /^(?:[!-~][ -~]*\n)+(?:[!-~][ -~]*)?$/

/** Writes plain data as a block of YAML 1.1 and 1.2; one mapping, its keys in their order. */
export function writeYaml(value: Readonly<Record<string, unknown>>): string {
  return Object.keys(value).length === 0 ? '{}\n' : blockOf(value, '')
}

function blockOf(value: object, indent: string): string {
  return Object.entries(value)
    .map(([key, item]) => `${indent}${textOf(key)}:${after(item, indent)}`)
    .join('')
}

/** What stands behind a key or a dash, the end of the line included. */
function after(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${linesOf(value, indent)}\n`
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value ?? null)}\n`
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${listOf(value, indent)}`
  return Object.keys(value).length === 0 ? ' {}\n' : `\n${blockOf(value, `${indent}  `)}`
}

function listOf(items: readonly unknown[], indent: string): string {
  return items.map((item) => `${indent}-${behindDash(item, indent)}`).join('')
}

/** A record begins on the line of its dash. */
function behindDash(item: unknown, indent: string): string {
  const inner = `${indent}  `
  if (typeof item === 'object' && item !== null && Object.keys(item).length > 0) {
    return Array.isArray(item) ? after(item, inner) : ` ${blockOf(item, inner).trimStart()}`
  }
  return after(item, inner)
}

function linesOf(text: string, indent: string): string {
  if (!text.includes('\n') || !lines.test(text)) return textOf(text)
  const inner = text.trimEnd().replaceAll(/^/gm, `${indent}  `)
  return `${text.endsWith('\n') ? '|' : '|-'}\n${inner}`
}

function textOf(text: string): string {
  if (uuid.test(text) || (plain.test(text) && !words.test(text))) return text
  // JSON leaves the control characters above ASCII, which YAML does not print.
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
