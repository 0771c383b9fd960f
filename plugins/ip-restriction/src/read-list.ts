import { setImmediate as pause } from 'node:timers/promises'
import { AddressListBuilder } from './address-list.ts'
import type { Ranges } from './ranges.ts'

/** How many entries are read without a pause: a long list must not hold up the connections of the worker. */
const stride = 2000

/** A list as it was read. */
export interface ReadList {
  readonly ranges: Ranges
  /** How many entries were written down. */
  readonly entries: number
}

/**
 * Reads a list: an address or a range on each line, `#` and `;` begin comments; or a JSON array of them. One bad entry
 * refuses the whole, for half a list lets in, or shuts out, the wrong clients. So does a list without a single byte: that
 * is a file or an answer that was cut off. One that is meant to be empty has a comment, or is `[]`.
 * @throws with the line, or the place in the array, of what is wrong
 */
export async function readList(text: string): Promise<ReadList> {
  const whole = text.replace(/^\uFEFF/, '')
  if (whole.trim() === '') throw new Error('it is empty')
  const builder = new AddressListBuilder()
  const isJson = whole.trimStart().startsWith('[')
  const entries = isJson ? parseArray(whole) : whole.split('\n').map(withoutComment)
  for (let from = 0; from < entries.length; from += stride) {
    const wrong = addAll(builder, entries.slice(from, from + stride))
    if (wrong >= 0) {
      const place = `${isJson ? 'entry' : 'line'} ${from + wrong + 1}`
      throw new Error(`${place}: ${complaint(entries[from + wrong])}`)
    }
    await pause()
  }
  return { ranges: builder.build(), entries: builder.count }
}

/** @returns which one is no entry, or -1; what is empty is none and is passed over */
function addAll(builder: AddressListBuilder, entries: readonly unknown[]): number {
  return entries.findIndex(
    (entry) => typeof entry !== 'string' || (entry !== '' && !builder.add(entry)),
  )
}

function parseArray(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed)) return parsed
  } catch {
    // What the parser says may show a secret page; that it is no JSON is enough.
  }
  throw new Error('it is no JSON array')
}

function withoutComment(line: string): string {
  return line.replace(/[#;].*/s, '').trim()
}

/** Who answers with something else, such as a page for a person, is quoted briefly. */
function complaint(entry: unknown): string {
  const text = typeof entry === 'string' ? entry : (JSON.stringify(entry) ?? '')
  return `invalid ip or cidr range: '${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`
}
