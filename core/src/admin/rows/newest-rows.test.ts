import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeOffset, encodeOffset } from '../../entities/offset.ts'
import type { Row } from '../../entities/rows.ts'
import { newestRows } from './newest-rows.ts'

function row(index: number, created_at: number): Row {
  const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
  return { id, created_at, updated_at: created_at, tags: null }
}

/** Follows the offsets from page to page. */
function pagesOf(rows: readonly Row[], size: number): readonly (readonly Row[])[] {
  const pages: (readonly Row[])[] = []
  let after: string | undefined
  do {
    const page = newestRows(rows, { size, after })
    pages.push(page.rows)
    after = page.offset === undefined ? undefined : decodeOffset(page.offset)
  } while (after !== undefined)
  return pages
}

test('the newest stand first; of one moment, those with the highest id', () => {
  const rows = [row(1, 5.25), row(2, 7), row(3, 5.25)]
  expect(newestRows(rows, { size: 9, after: undefined })).toEqual({
    rows: [row(2, 7), row(3, 5.25), row(1, 5.25)],
    offset: undefined,
  })
})

test('property: pages of any size hold every row once, in order', () => {
  const times = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 })
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 6 }), (list, size) => {
      const rows = list.map((time, index) => row(index, time + 0.001))
      const pages = pagesOf(rows, size)
      expect(pages.flat()).toEqual(newestRows(rows, { size: 100, after: undefined }).rows)
      expect(pages.length).toBe(Math.max(1, Math.ceil(rows.length / size)))
    }),
  )
})

test('a page goes on below what has gone', () => {
  const rows = [row(1, 1), row(2, 2), row(3, 3)]
  const { offset = '' } = newestRows(rows, { size: 1, after: undefined })
  const rest = newestRows(rows.slice(0, 2), { size: 5, after: decodeOffset(offset) })
  expect(rest.rows).toEqual([row(2, 2), row(1, 1)])
})

test.each(['', 'x', '1', '1/x', 'x/00000000-0000-4000-8000-000000000001', row(1, 1).id])(
  'the offset of another list, %s, is refused',
  (place) => {
    expect(() => newestRows([], { size: 1, after: place })).toThrow(
      `'${encodeOffset(place)}' is not a valid offset`,
    )
  },
)
