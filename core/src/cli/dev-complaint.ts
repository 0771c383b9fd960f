import { DeclarativeError } from '../declarative/declarative-error.ts'
import { messageOf } from '../errors/message-of.ts'

/** Where the options of `kong-ts dev` stand in the document that it declares, the deepest first. */
const options: readonly (readonly [option: string, at: readonly string[]])[] = [
  ['--config', ['services', '1', 'routes', '1', 'plugins', '1', 'config']],
  ['--route', ['services', '1', 'routes', '1']],
  ['--upstream', ['services', '1']],
]

/** What is wrong, by the options that an author typed: the document behind them is none of theirs. */
export function devComplaint(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (!(cause instanceof DeclarativeError)) return messageOf(error)
  return leavesOf(cause.details)
    .map(({ path, text }) => `${wordsFor(path)}: ${text}`)
    .join('\n')
}

interface Leaf {
  readonly path: readonly string[]
  readonly text: string
}

/** Entries of lists are counted from 1, as everywhere in messages. */
function leavesOf(tree: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (typeof tree === 'string') return [{ path, text: tree }]
  const shift = Array.isArray(tree) ? 1 : 0
  return Object.entries(Object(tree)).flatMap(([key, value]: [string, unknown]) =>
    leavesOf(value, [...path, shift === 0 ? key : String(Number(key) + 1)]),
  )
}

function wordsFor(path: readonly string[]): string {
  for (const [option, at] of options) {
    if (!at.every((key, depth) => path[depth] === key)) continue
    const [field = ''] = path
      .slice(at.length)
      .join('.')
      .split(/\.?@entity/)
    return field === '' ? option : `${option} ${field}`
  }
  return path.join('.')
}
