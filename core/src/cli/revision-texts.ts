import { isFields, stringsIn, type Fields } from '../entities/fields.ts'
import { CommandError } from '../errors/command-error.ts'
import { table } from './table.ts'

/** The revisions that a node has answered with, one a line. @throws CommandError when it is another answer */
export function historyTable(answer: unknown, { styled }: { readonly styled: boolean }): string {
  const revisions = listIn(answer, 'revisions')
  if (revisions.length === 0) return 'nothing has changed yet'
  const heading = ['REVISION', 'TIME', 'AUTHOR', 'ROWS', 'ENTITIES']
  const rows = revisions.map(({ number, created_at: time, author, changes, entities }) => [
    String(number),
    new Date(Number(time) * 1000).toISOString(),
    typeof author === 'string' ? author : '-',
    typeof changes === 'number' ? String(changes) : 'damaged',
    stringsIn(entities).join(', '),
  ])
  return table(heading, rows, { styled })
}

/** A line for each row that is another, and below it what was there and what is. */
export function diffText(answer: unknown): string {
  const changes = listIn(answer, 'changes')
  if (changes.length === 0) return 'no difference'
  return changes.flatMap(linesOf).join('\n')
}

/** What has become of a rollback. */
export function rollbackText(to: number, answer: unknown): string {
  const { revision, changes } = isFields(answer) ? answer : {}
  if (typeof revision !== 'number' || typeof changes !== 'number') throw otherVersion()
  if (changes === 0) return `revision ${revision} is the configuration of revision ${to} already`
  const rows = changes === 1 ? '1 row' : `${changes} rows`
  return `revision ${revision} brings revision ${to} back: ${rows} changed`
}

const signs = new Map<unknown, string>([
  ['create', '+'],
  ['delete', '-'],
])

function linesOf({ op, entity, id, name, before, after }: Fields): readonly string[] {
  const called = typeof name === 'string' ? ` ${name}` : ''
  return [
    `${signs.get(op) ?? '~'} ${String(entity)}${called} (${String(id)})`,
    ...fieldsOf('-', before, after),
    ...fieldsOf('+', after, before),
  ]
}

/** What a whole row does not have is not said. */
function fieldsOf(sign: string, fields: unknown, other: unknown): readonly string[] {
  if (!isFields(fields)) return []
  return Object.entries(fields)
    .filter(([, value]) => value !== null || other !== null)
    .map(([field, value]) => `    ${sign} ${field}: ${JSON.stringify(value)}`)
}

function listIn(answer: unknown, name: string): readonly Fields[] {
  const list = isFields(answer) ? answer[name] : undefined
  if (Array.isArray(list) && list.every(isFields)) return list
  throw otherVersion()
}

function otherVersion(): CommandError {
  return new CommandError('REFUSED', 'the running node is of another version; restart it')
}
