import { resolve } from 'node:path'
import { Invalid, type Kind } from './kind.ts'

/** Where lines are written. */
export type LogTarget = 'off' | 'stdout' | 'stderr' | { readonly path: string }

/** A folder or file, relative to the current folder. */
export function path(): Kind<string> {
  return {
    accepts: 'path',
    parse(text, { name, cwd }) {
      if (text === '') throw new Invalid(`${name} is empty (a path)`)
      return resolve(cwd, text)
    },
  }
}

const streams = new Map<string, LogTarget>([
  ['off', 'off'],
  ['stdout', 'stdout'],
  ['stderr', 'stderr'],
  ['/dev/stdout', 'stdout'],
  ['/dev/stderr', 'stderr'],
])

/**
 * A destination for lines; a file's path is relative to the prefix. Kong allows the name of a log format
 * after the path: there is one format here, so that word is ignored with a warning.
 */
export function logTarget(): Kind<LogTarget> {
  return {
    accepts: '`off`, `stdout`, `stderr`, path',
    parse(text, { name, prefix, warn }) {
      const [target = '', ...format] = text.split(/\s+/)
      if (target === '') throw new Invalid(`${name} is empty (off, stdout, stderr or a path)`)
      if (target.startsWith('syslog:')) {
        throw new Invalid(
          `${name} has an invalid value: '${text}' (off, stdout, stderr or a path; syslog is not served)`,
        )
      }
      if (format.length > 0) {
        warn(`${name}: the log format '${format.join(' ')}' is ignored; there is one format`)
      }
      return streams.get(target) ?? Object.freeze({ path: resolve(prefix, target) })
    },
  }
}
