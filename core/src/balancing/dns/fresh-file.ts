import { readFileSync, statSync, type Stats } from 'node:fs'
import type { Clock } from './clock.ts'

/** Milliseconds between looks at whether a file has changed. */
const betweenLooks = 1000

/** Larger files are no configuration; in bytes. */
const largest = 16 * 1024 * 1024

/**
 * What a small local file says, read again when it has changed. A file that cannot be read says what it said before;
 * one that never could be says nothing.
 */
export function freshFile<T>(path: string, parse: (text: string) => T, clock: Clock): () => T {
  let value = parse('')
  let read = ''
  let looked = -Infinity
  return () => {
    if (clock.now() - looked < betweenLooks) return value
    looked = clock.now()
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats || stats.size > largest || versionOf(stats) === read) return value
    try {
      value = parse(readFileSync(path, 'utf8'))
      read = versionOf(stats)
    } catch {
      // It was replaced or locked away meanwhile; the next look may find it.
    }
    return value
  }
}

function versionOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`
}
