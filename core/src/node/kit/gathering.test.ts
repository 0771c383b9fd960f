import { expect, test } from 'vitest'
import { Gathering, type NumberAsker } from './gathering.ts'
import { PartsQueue } from './parts-queue.ts'

const ask = (key: string) => ({ instance: 'i', key })

test('who comes while the store is at work is served in the next round, together', async () => {
  const rounds: (readonly string[])[] = []
  const gathering = new Gathering(
    (asked) => new PartsQueue(asked),
    async (queues) => {
      rounds.push(queues.map(({ key }) => key))
      await Promise.resolve()
      for (const queue of queues) queue.seen(undefined, 0)
    },
  )
  const first = gathering.join(ask('a'))
  gathering.serve()
  const later = ['b', 'a', 'b'].map((key) => gathering.join(ask(key)))
  gathering.serve()
  await Promise.all([first, ...later])
  expect(rounds).toEqual([['a'], ['b', 'a']])
})

test('who is not done comes again, until it has come too often', async () => {
  const askers: NumberAsker[] = []
  const stubborn = {
    isDone: false,
    push: (asker: NumberAsker) => void askers.push(asker),
    fail: (error: string) => askers.splice(0).forEach(({ settle }) => settle({ error })),
  }
  let rounds = 0
  const gathering = new Gathering(
    () => stubborn,
    async () => void (rounds += 1),
  )
  const answer = gathering.join(ask('a'))
  gathering.serve()
  expect([await answer, rounds]).toEqual([
    { error: 'others change the same numbers all the time' },
    100,
  ])
})
