import { setFlagsFromString } from 'node:v8'

/**
 * V8 has a second engine for regular expressions, whose time grows with the length of the text only and which is
 * asked for by this flag. What it cannot do in linear time (looking around, referring back, large counts) it refuses
 * to compile, so that no answer of a peer can hold up the process.
 */
const linear = 'l'

/**
 * A regular expression over bytes that are read as Latin-1; `.` is any byte.
 * @throws SyntaxError when it does not compile, or needs more than linear time
 */
export function compileByteRegex(source: string): RegExp {
  setFlagsFromString('--enable-experimental-regexp-engine')
  return new RegExp(source, `${linear}s`)
}

export function faultOfByteRegex(source: string): string | undefined {
  try {
    compileByteRegex(source)
    return undefined
  } catch (error) {
    return `invalid regex '${source.toWellFormed()}': ${reasonOf(error)}`
  }
}

/** V8 repeats the expression before it says what is wrong. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.slice(message.lastIndexOf(': ') + 2)
}
