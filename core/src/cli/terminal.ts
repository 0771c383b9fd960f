import { appendFileSync } from 'node:fs'
import { codeOf } from '../errors/code-of.ts'
import { standardFile } from '../node/logs/standard-file.ts'

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
    write: writerTo(1, process.stdout),
    error: writerTo(2, process.stderr),
  }
}

function writerTo(fd: 1 | 2, stream: NodeJS.WriteStream): (text: string) => void {
  const file = standardFile(fd)
  return file === undefined
    ? (text) => void stream.write(withNewline(text))
    : (text) => appendFileSync(file, withNewline(text))
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
