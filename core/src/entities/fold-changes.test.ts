import { expect, test } from 'vitest'
import { deleteChange, putChange } from './entity-set.ts'
import { FoldedChanges, reversed } from './fold-changes.ts'
import type { Row } from './rows.ts'

const row = (id: string, port: number): Row & { port: number } => {
  return { id, created_at: 1, updated_at: 1, tags: null, port }
}
const put = (id: string, port: number) => putChange('services', row(id, port))
const gone = (id: string) => deleteChange('services', id)

test('many changes are one: from before the first to after the last', () => {
  const folded = new FoldedChanges()
  folded.add([put('new', 1), put('moved', 2)], [gone('new'), put('moved', 1)])
  folded.add([gone('moved'), put('moved', 3), put('same', 5)], [put('moved', 2), put('same', 4)])
  folded.add([gone('new'), put('same', 4)], [put('new', 1), put('same', 5)])
  const rows = folded.rows()
  expect(rows).toEqual([
    {
      entity: 'services',
      id: 'moved',
      before: row('moved', 1),
      after: row('moved', 3),
    },
  ])
  expect(rows.map(reversed)[0]).toMatchObject({ before: { port: 3 }, after: { port: 1 } })
})
