import { expect, test } from 'vitest'
import { together, type Upstreams } from './upstreams.ts'

test('every part hears everything', () => {
  const heard: string[] = []
  const part = (name: string): Upstreams => ({
    join: () => void heard.push(`${name} join`),
    leave: () => void heard.push(`${name} leave`),
    receive: (_, { type }) => void heard.push(`${name} ${type}`),
    follow: ({ revision }) => void heard.push(`${name} follow ${String(revision)}`),
  })
  const all = together(part('a'), part('b'))
  const worker = { tell: () => undefined }
  all.join(worker)
  all.receive(worker, { type: 'loads', upstream: 'u', counts: [] })
  all.follow({ base: 1, revision: 2, changes: [] })
  all.leave(worker)
  const each = ['join', 'loads', 'follow 2', 'leave']
  expect(heard).toEqual(each.flatMap((what) => [`a ${what}`, `b ${what}`]))
})
