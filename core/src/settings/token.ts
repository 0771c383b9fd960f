import { Invalid, type Kind, type Place } from './kind.ts'
import { readText } from './pem.ts'

/** Whoever guesses a million a second needs longer than the universe has, if the letters are random. */
const shortest = 16
/** A head of a request holds 16 KiB, the rest of it included. */
const longest = 4096

/**
 * A secret that travels in a header. `file:PATH` reads it from a file, as secrets are handed to containers. No error
 * shows any of it.
 */
export function token(): Kind<string> {
  return {
    accepts: `at least ${shortest} letters, \`file:PATH\``,
    parse(text, at) {
      const value = text.startsWith('file:') ? readToken(text.slice('file:'.length), at) : text
      if (value.length < shortest) {
        throw new Invalid(`${at.name} is too short (at least ${shortest} letters, better random)`)
      }
      if (value.length > longest) {
        throw new Invalid(`${at.name} is too long (at most ${longest} letters)`)
      }
      if (!/^[\x21-\x7e]+$/.test(value)) {
        throw new Invalid(`${at.name} has letters that no header can carry (ASCII without spaces)`)
      }
      return value
    },
  }
}

function readToken(file: string, at: Place): string {
  const text = readText(file, at)
  if (text === undefined) throw new Invalid(`${at.name}: no such file at ${file}`)
  return text.trim()
}
