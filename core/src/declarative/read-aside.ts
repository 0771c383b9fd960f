import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { isFields } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { DeclarativeError } from './declarative-error.ts'
import { readText } from './read-text.ts'

/** Characters that are read in less time than a thread takes to start. */
const small = 64 * 1024

/**
 * As `readText`, but a long text is read in a thread of its own: a second of YAML would be a second in which no
 * connection of this process goes on.
 * @throws DeclarativeError
 */
export async function readTextAside(text: string, file?: string): Promise<Fields> {
  if (text.length < small) return readText(text, file)
  const url = new URL('./read-thread.ts', import.meta.url)
  const thread = new Worker(url, { workerData: { text, file } })
  try {
    const [answer]: unknown[] = await once(thread, 'message')
    if (isFields(answer) && isFields(answer['document'])) return answer['document']
    throw new DeclarativeError(
      isFields(answer) && isFields(answer['faults']) ? answer['faults'] : {},
    )
  } finally {
    await thread.terminate()
  }
}
