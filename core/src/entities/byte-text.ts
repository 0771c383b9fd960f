const escapes = /(\\x[\dA-Fa-f]{2}|\\[rnt0\\])/g

/** What a letter behind a backslash stands for. */
const letters: ReadonlyMap<string, number> = new Map([
  ['r', 0x0d],
  ['n', 0x0a],
  ['t', 0x09],
  ['0', 0x00],
  ['\\', 0x5c],
])

/**
 * The bytes that a text stands for: `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` are one byte each, all else is UTF-8.
 * A backslash before anything else stays as it is; `faultOfByteText` refuses it.
 */
export function bytesOf(text: string): Buffer {
  const parts = text
    .split(escapes)
    .map((part, index) => (index % 2 === 1 ? Buffer.of(byteOf(part)) : Buffer.from(part)))
  return Buffer.concat(parts)
}

export function faultOfByteText(text: string): string | undefined {
  const bad = /\\(?:x.{0,2}|.?)/su.exec(text.replaceAll(escapes, ' '))?.[0]
  if (bad === undefined) return undefined
  return `invalid escape '${bad.toWellFormed()}': use \\r, \\n, \\t, \\0, \\\\ or \\xHH`
}

function byteOf(escape: string): number {
  return letters.get(escape.slice(1)) ?? Number.parseInt(escape.slice(2), 16)
}
