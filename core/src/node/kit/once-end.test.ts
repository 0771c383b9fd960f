import { expect, test } from 'vitest'
import { KitNode, type KitTestWorker } from './kit.fixture.ts'

/** What an instance has of `once` in a worker, and how it is torn down. */
function instanceIn(worker: KitTestWorker, scope = 'i 1') {
  const life = new AbortController()
  return { once: worker.end.once(() => scope, life.signal), end: () => life.abort() }
}

function twoWorkers() {
  const node = new KitNode()
  const workers = [node.start(), node.start()] as const
  const [first, second] = [instanceIn(workers[0]), instanceIn(workers[1])]
  return { node, workers, first, second }
}

/** What a promise rejects with, listened to from now on. */
const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )

/** A run that a test ends. */
function manual() {
  const runs: {
    signal: AbortSignal
    end: (value: unknown) => void
    fail: (error: Error) => void
  }[] = []
  const produce = (signal: AbortSignal) =>
    new Promise<unknown>(
      (resolve, reject) => void runs.push({ signal, end: resolve, fail: reject }),
    )
  return { runs, produce }
}

test('one of two workers produces, both get the result, each its own copy', async () => {
  const { node, first, second } = twoWorkers()
  const { runs, produce } = manual()
  const asked = [first, first, second].map(({ once }) => once('list', produce))
  await node.drain()
  expect(runs).toHaveLength(1)
  const made = { list: new Set(['a']), bytes: new Uint8Array([1]), at: new Date(0) }
  runs[0]?.end(made)
  await node.drain()
  const [one, two, three] = await Promise.all(asked)
  expect([one, three]).toEqual([made, made])
  expect(two).toBe(one)
  expect(three).not.toBe(one)
  expect(one).not.toBe(made)
  expect(await first.once('list', produce)).toBe(one)
  expect(runs).toHaveLength(1)
})

test('the next worker has its turn when one dies at it; the same result goes to all', async () => {
  const { node, workers, first, second } = twoWorkers()
  const { runs, produce } = manual()
  void first.once('list', produce)
  await node.drain()
  const asked = second.once('list', produce)
  await node.drain()
  expect(runs).toHaveLength(1)
  await node.kill(workers[0])
  expect(runs).toHaveLength(2)
  runs[1]?.end('from the second')
  await node.drain()
  expect(await asked).toBe('from the second')
  expect(await instanceIn(workers[1]).once('list', produce)).toBe('from the second')
})

test('a failure is told to those who waited, whoever they are, and is not kept', async () => {
  const { node, first, second } = twoWorkers()
  const { runs, produce } = manual()
  const asked = [first, second].map(({ once }) => failureOf(once('list', produce)))
  await node.drain()
  const offline = new RangeError('offline')
  runs[0]?.fail(offline)
  await node.drain()
  expect(await asked[0]).toBe(offline)
  expect(await asked[1]).toMatchObject({ message: 'offline' })
  const again = second.once('list', produce)
  await node.drain()
  runs[1]?.end(2)
  await node.drain()
  expect(await again).toBe(2)
})

test('what cannot be cloned, and what throws at once, are failures', async () => {
  const { node, first } = twoWorkers()
  const asked = [
    first.once('function', async () => () => 1),
    first.once('throw', () => {
      throw new Error('at once')
    }),
  ].map(failureOf)
  await node.drain()
  expect(await asked[0]).toMatchObject({ message: '() => 1 could not be cloned.' })
  expect(await asked[1]).toMatchObject({ message: 'at once' })
})

test('a result that is too old is produced again, by whoever asks', async () => {
  const { node, first, second } = twoWorkers()
  let runs = 0
  const ask = async ({ once }: typeof first, maxAge?: number) => {
    const asked = once('list', async () => (runs += 1), maxAge === undefined ? {} : { maxAge })
    await node.drain()
    return asked
  }
  expect(await ask(first, 100)).toBe(1)
  node.time = 100
  expect([await ask(first, 100), await ask(second, 100)]).toEqual([1, 1])
  node.time = 101
  expect(await ask(second, 100)).toBe(2)
  expect([await ask(first, 100), await ask(first, 0), await ask(first)]).toEqual([2, 2, 2])
  node.time = 102
  expect(await ask(first, 0)).toBe(3)
})

test('the teardown of the instance aborts its run, refuses its callers, and passes the turn on', async () => {
  const { node, first, second } = twoWorkers()
  const { runs, produce } = manual()
  const asked = [first, second].map(({ once }) => once('list', produce))
  await node.drain()
  first.end()
  expect(runs[0]?.signal.aborted).toBe(true)
  await expect(asked[0]).rejects.toThrow('torn down')
  await node.drain()
  runs[0]?.end('too late')
  runs[1]?.end('in time')
  await node.drain()
  expect(await asked[1]).toBe('in time')
  await expect(first.once('list', produce)).rejects.toThrow('torn down')
})

test('results are forgotten with the last instance, not before', async () => {
  const { node, workers, first, second } = twoWorkers()
  let runs = 0
  const ask = async ({ once }: typeof first) => {
    const asked = once('list', async () => (runs += 1))
    await node.drain()
    return asked
  }
  expect([await ask(first), await ask(second)]).toEqual([1, 1])
  first.end()
  await node.drain()
  expect(await ask(instanceIn(workers[0]))).toBe(1)
  second.end()
  await node.kill(workers[0])
  expect(await ask(instanceIn(workers[1]))).toBe(2)
})

test('another configuration has results of its own', async () => {
  const { node, workers, first } = twoWorkers()
  const other = instanceIn(workers[1], 'i 2')
  const asked = [first.once('list', async () => 1), other.once('list', async () => 2)]
  await node.drain()
  expect(await Promise.all(asked)).toEqual([1, 2])
})

test('of two instances of one configuration in a worker, the one that lives has the turn of the other', async () => {
  const node = new KitNode()
  const worker = node.start()
  const [old, young] = [instanceIn(worker), instanceIn(worker)]
  const { runs, produce } = manual()
  const asked = [old, young].map(({ once }) => once('list', produce))
  await node.drain()
  old.end()
  await expect(asked[0]).rejects.toThrow('torn down')
  await node.drain()
  runs[1]?.end('young')
  await node.drain()
  expect(await asked[1]).toBe('young')
})

test('without a supervisor nothing is produced, and who waits is told', async () => {
  const { node, workers, first } = twoWorkers()
  const { produce } = manual()
  const asked = first.once('list', produce)
  await node.drain()
  workers[0].end.disconnect()
  await expect(asked).rejects.toThrow('stopping')
  await expect(first.once('list', produce)).rejects.toThrow('stopping')
  await expect(first.once('list', produce, { maxAge: -1 })).rejects.toThrow('stopping')
})

test('a maximum age that is none is refused', async () => {
  const { first } = twoWorkers()
  await expect(first.once('list', async () => 1, { maxAge: -1 })).rejects.toThrow(TypeError)
  await expect(first.once('list', async () => 1, { maxAge: Number.NaN })).rejects.toThrow(TypeError)
})
