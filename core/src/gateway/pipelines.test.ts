import { expect, test, vi } from 'vitest'
import { instanceOf } from '../pipeline/instances.fixture.ts'
import * as pipeline from '../pipeline/pipeline.ts'
import { Pipelines } from './pipelines.ts'

const isTornDown = ({ self }: { self: { signal: AbortSignal } }) => self.signal.aborted

test('equal lists share one pipeline, other orders do not', async () => {
  const [a, b] = [await instanceOf('a'), await instanceOf('b')]
  const pipelines = new Pipelines(1000)
  expect(pipelines.of([a, b])).toBe(pipelines.of([a, b]))
  expect(pipelines.of([b, a])).not.toBe(pipelines.of([a, b]))
  expect(pipelines.of([])).toBe(pipelines.of([]))
  expect(pipelines.of([]).phases.accept).toBe(pipeline.nobody)
})

test('hooks are compiled at the first connection, once', async () => {
  const compile = vi.spyOn(pipeline, 'compilePhases')
  const made = new Pipelines(1000).of([await instanceOf('a', { preread: () => undefined })])
  expect(compile).not.toHaveBeenCalled()
  expect(made.phases).toBe(made.phases)
  expect(compile).toHaveBeenCalledOnce()
})

test('a retired pipeline keeps its instances until its last connection has left', async () => {
  const [a, b] = [await instanceOf('a'), await instanceOf('b')]
  const pipelines = new Pipelines(1000)
  const both = pipelines.of([a, b])
  both.enter()
  both.enter()
  for (const instance of [a, b]) {
    pipelines.retire(instance)
    instance.release()
  }
  both.leave()
  expect([isTornDown(a), isTornDown(b)]).toEqual([false, false])
  both.leave()
  expect([isTornDown(a), isTornDown(b)]).toEqual([true, true])
})

test('when one instance goes its neighbours stay, in pipelines of their own', async () => {
  const [a, b] = [await instanceOf('a'), await instanceOf('b')]
  const pipelines = new Pipelines(1000)
  const both = pipelines.of([a, b])
  const alone = pipelines.of([b])
  pipelines.retire(a)
  a.release()
  expect([isTornDown(a), isTornDown(b)]).toEqual([true, false])
  expect(pipelines.of([b])).toBe(alone)
  expect(pipelines.of([a, b])).not.toBe(both)
})
