import { readFileSync } from 'node:fs'
import { codeOf } from '../errors/code-of.ts'
import { messageOf } from '../errors/message-of.ts'

/** One setting, as one source gives it. */
export interface Assignment {
  /** Lower case, as the operator named it. */
  readonly name: string
  readonly text: string
  /** `kong.conf:3`, `environment KONG_X`, `flag --x`: where to look for it. */
  readonly origin: string
}

/**
 * Reads a file of `key = value` lines as Kong writes them: `#` starts a comment, `\#` is a hash.
 * @throws Error `no file at: X`
 */
export function readConfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') {
      throw new Error(`no file at: ${file}`, { cause })
    }
    throw new Error(`cannot read ${file}: ${messageOf(cause)}`, { cause })
  }
}

/** The assignments of such a text, and the lines that are none. */
export function parseConf(
  text: string,
  file: string,
): { readonly assignments: readonly Assignment[]; readonly problems: readonly string[] } {
  const assignments: Assignment[] = []
  const problems: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line
      .replace(/(?<!\\)#.*$/, '')
      .replaceAll(String.raw`\#`, '#')
      .trim()
    if (content === '') continue
    const origin = `${file}:${index + 1}`
    const [, name, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(content) ?? []
    if (name === undefined || value === undefined) {
      problems.push(`${origin}: ${shown(content)} is not of form: key = value`)
    } else {
      assignments.push({ name: name.toLowerCase(), text: value, origin })
    }
  }
  return { assignments, problems }
}

/** A line that went wrong may hold a secret, or be a piece of a key: its first word tells which one it is. */
function shown(content: string): string {
  const [word] = /^[\w.-]{1,40}(?=[\s:]|$)/.exec(content) ?? []
  if (word === undefined) return 'the line'
  return word === content ? `'${word}'` : `'${word} …'`
}
