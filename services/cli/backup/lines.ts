import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes JSON lines as they come; memory is bounded by one block. @returns how many lines */
export async function writeLines(file: string, blocks: AsyncIterable<readonly unknown[]>): Promise<number> {
  let lines = 0;
  async function* text() {
    for await (const block of blocks) {
      lines += block.length;
      if (block.length > 0) yield `${block.map((line) => JSON.stringify(line)).join('\n')}\n`;
    }
  }
  await pipeline(Readable.from(text()), createWriteStream(file, { mode: 0o600 }));
  return lines;
}

/** The lines of a file, parsed, in blocks of at most `size`. */
export async function* readLines<T>(file: string, size: number): AsyncGenerator<T[]> {
  let block: T[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    block.push(JSON.parse(line) as T);
    if (block.length < size) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}
