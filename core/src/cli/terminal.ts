import { codeOf } from '../errors/code-of.ts'

/** Where a command writes. */
export interface Terminal {
  /** Whether a person is looking, and styles are wanted. */
  readonly styled: boolean
  /** One or more whole lines to standard output. */
  write(text: string): void
  /** The same to standard error. */
  error(text: string): void
}

/** The terminal of this process. A reader that goes away, as `head` does, is no failure. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: unknown) => {
      if (codeOf(error) !== 'EPIPE') throw error
    })
  }
  return {
    styled: process.stdout.isTTY && process.stdout.hasColors(),
    write: (text) => void process.stdout.write(withNewline(text)),
    error: (text) => void process.stderr.write(withNewline(text)),
  }
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
