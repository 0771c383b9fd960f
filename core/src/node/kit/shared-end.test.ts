import { expect, test } from 'vitest'
import type { AskNumbers } from './messages.ts'
import { SharedEnd } from './shared-end.ts'

function make() {
  const sent: AskNumbers[] = []
  const soon: (() => void)[] = []
  const late: (() => void)[] = []
  const stopped: number[] = []
  const end = new SharedEnd((message) => void sent.push(message), {
    soon: (work) => void soon.push(work),
    later: (_, work) => {
      const index = late.push(work)
      return () => void stopped.push(index)
    },
  })
  const turn = () => soon.splice(0).forEach((work) => work())
  return { end, sent, turn, late, stopped }
}
const until = 1000

test('what is asked in one turn is one message; the answers find who asked', async () => {
  const { end, sent, turn, stopped } = make()
  const [a, b] = [end.of('a'), end.of('b')]
  const asked = [a.add('k', 2, { until, limit: 5 }), b.get('k'), a.add('k', -1, { until })]
  await Promise.resolve()
  turn()
  expect(sent).toEqual([
    {
      type: 'numbers.ask',
      id: 1,
      asks: [
        { instance: 'a', key: 'k', sum: { amount: 2, limit: 5, until } },
        { instance: 'b', key: 'k' },
        { instance: 'a', key: 'k', sum: { amount: -1, limit: Number.MAX_SAFE_INTEGER, until } },
      ],
    },
  ])
  end.receive({
    type: 'numbers.answer',
    id: 1,
    answers: [
      { added: false, total: 4 },
      { added: false, total: 9 },
      { error: 'the database is away' },
    ],
  })
  expect(await asked[0]).toEqual({ added: false, total: 4 })
  expect(await asked[1]).toBe(9)
  await expect(asked[2]).rejects.toThrow('shared numbers cannot be reached: the database is away')
  expect(stopped).toEqual([1])
})

test('what is added for a time is asked for as such, and so are its parts', async () => {
  const { end, sent, turn } = make()
  const a = end.of('a')
  const asked = [a.add('k', 2, { after: 60, limit: 5 }), a.parts('k'), a.parts('l')]
  await Promise.resolve()
  turn()
  expect(sent[0]?.asks).toEqual([
    { instance: 'a', key: 'k', passing: { sum: { amount: 2, limit: 5, after: 60 } } },
    { instance: 'a', key: 'k', passing: {} },
    { instance: 'a', key: 'l', passing: {} },
  ])
  const parts = [{ until: 60, amount: 2 }]
  const seen = { added: false, total: 0 }
  end.receive({
    type: 'numbers.answer',
    id: 1,
    answers: [{ added: true, total: 2 }, { ...seen, parts }, seen],
  })
  expect(await Promise.all(asked)).toEqual([{ added: true, total: 2 }, parts, []])
})

test('who gets no answer is told so after a while, and a late one is ignored', async () => {
  const { end, turn, late } = make()
  const asked = end.of('a').get('k')
  await Promise.resolve()
  turn()
  late[0]?.()
  await expect(asked).rejects.toThrow('no answer within 6000 ms')
  end.receive({ type: 'numbers.answer', id: 1, answers: [{ added: false, total: 1 }] })
})

test('without a supervisor everything is refused, what waits and what comes', async () => {
  const { end, sent, turn } = make()
  const shared = end.of('a')
  const first = shared.get('k')
  await Promise.resolve()
  turn()
  const second = shared.get('k')
  await Promise.resolve()
  end.disconnect()
  turn()
  for (const one of [first, second, shared.get('k')]) {
    await expect(one).rejects.toThrow('stopping')
  }
  expect(sent).toHaveLength(1)
})

test('what cannot be counted is refused here', async () => {
  const { end, sent, turn } = make()
  await expect(end.of('a').add('k', 0.5, { until })).rejects.toThrow(TypeError)
  await expect(end.of('a').get('')).rejects.toThrow(TypeError)
  turn()
  expect(sent).toEqual([])
})
