import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ArchiveError } from '#libs/runtime/errors.ts';

/** Raised when an older program could not read what a newer one writes. */
const FORMAT = 1;
export const MANIFEST = 'manifest.json';

const memberShape = z.object({
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** Rows, points or messages; null: a file as it is. */
  count: z.number().int().nullable(),
});

const manifestShape = z.object({
  format: z.number().int(),
  /** Of the program that wrote it. */
  version: z.string(),
  createdMs: z.number().int(),
  /** Which adapter each port had. */
  column: z.object({ bus: z.string(), series: z.string(), ledger: z.string() }),
  /** The ledger's last migration. */
  schema: z.string(),
  /** What the archive does not hold, in sentences. */
  missing: z.array(z.string()),
  members: z.array(memberShape),
});

export type Member = z.infer<typeof memberShape>;
export type Manifest = z.infer<typeof manifestShape>;

export async function writeManifest(folder: string, facts: Omit<Manifest, 'format'>): Promise<void> {
  await writeFile(join(folder, MANIFEST), `${JSON.stringify({ format: FORMAT, ...facts }, null, 2)}\n`);
}

/** @throws ArchiveError for none, and for one that a newer program wrote. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new ArchiveError(`expected ${MANIFEST} in the archive: is it a backup of davylamp?`, { cause });
  });
  const { format } = z.object({ format: z.number() }).parse(parsed(text));
  if (format > FORMAT) {
    throw new ArchiveError(
      `the archive has format ${format}, and this program knows ${FORMAT}: expected a newer program`,
    );
  }
  const manifest = manifestShape.safeParse(parsed(text));
  if (manifest.success) return manifest.data;
  throw new ArchiveError(`${MANIFEST}: ${z.prettifyError(manifest.error)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArchiveError(`${MANIFEST} is damaged: expected JSON`, { cause });
  }
}

/** A file of the folder as a member. Streams it. */
export async function memberOf(folder: string, path: string, count: number | null): Promise<Member> {
  const file = join(folder, path);
  return { path, bytes: (await stat(file)).size, sha256: await sha256Of(file), count };
}

/** @throws ArchiveError naming the first member that is not what the manifest says. */
export async function verifyMembers(folder: string, { members }: Manifest): Promise<void> {
  for (const { path, sha256 } of members) {
    const found = await sha256Of(join(folder, path)).catch(() => 'no such file');
    if (found === sha256) continue;
    throw new ArchiveError(`the archive is damaged: ${path} has SHA-256 ${found}, expected ${sha256}`);
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}
