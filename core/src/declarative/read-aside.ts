import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { isFields } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { DeclarativeError, unreadable } from './declarative-error.ts'
import { readText } from './read-text.ts'

/** Characters that are read in less time than a thread takes to start. */
const small = 64 * 1024

/** Milliseconds for any text, and for each thousand characters: ten times what a slow machine takes. */
const [least, perThousand] = [30_000, 20]

/**
 * As `readText`, but a long text is read in a thread of its own: a second of YAML would be a second in which no
 * connection of this process goes on. A short one may stand for a long one when it has anchors.
 * @param patience milliseconds; YAML can be written so that reading it takes hours, and nothing else is loaded meanwhile
 * @throws DeclarativeError
 */
export async function readTextAside(
  text: string,
  file?: string,
  patience = least + Math.ceil(text.length / 1000) * perThousand,
): Promise<Fields> {
  if (text.length < small && !text.includes('&')) return readText(text, file)
  const url = new URL('./read-thread.ts', import.meta.url)
  const thread = new Worker(url, { workerData: { text, file } })
  try {
    const [answer] = await answerOf(thread, patience)
    if (isFields(answer) && isFields(answer['document'])) return answer['document']
    throw new DeclarativeError(
      isFields(answer) && isFields(answer['faults']) ? answer['faults'] : {},
    )
  } finally {
    await thread.terminate()
  }
}

async function answerOf(thread: Worker, patience: number): Promise<unknown[]> {
  const late = AbortSignal.timeout(patience)
  try {
    return await once(thread, 'message', { signal: late })
  } catch (error) {
    if (late.aborted)
      throw unreadable('failed parsing declarative configuration: it takes too long')
    throw error
  }
}
