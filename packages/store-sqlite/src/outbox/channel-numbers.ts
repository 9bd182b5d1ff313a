import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Channels are numbers in the file: an id of twenty characters in every index entry would be most of the index. */
export class ChannelNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<number, string>();
  readonly #findNumber: StatementSync;
  readonly #findId: StatementSync;
  readonly #insertId: StatementSync;

  constructor(database: DatabaseSync) {
    this.#findNumber = database.prepare("SELECT number FROM channels WHERE id = ?");
    this.#findId = database.prepare("SELECT id FROM channels WHERE number = ?");
    this.#insertId = database.prepare("INSERT INTO channels (id) VALUES (?)");
  }

  /** The number of a channel, made where there is none; to be called in a transaction that writes. */
  numberOf(id: string): number {
    return this.find(id) ?? this.#insert(id);
  }

  /** The number of a channel, if the file knows it. */
  find(id: string): number | undefined {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const row = this.#findNumber.get(id);
    return row && this.#remember(id, Number(row.number));
  }

  idOf(number: number): string {
    const known = this.#ids.get(number);
    if (known !== undefined) return known;
    const row = this.#findId.get(number);
    if (!row) throw new TypeError(`the file names a channel ${number}, and has none of that number`);
    const id = String(row.id);
    this.#remember(id, number);
    return id;
  }

  /** Forgets what a transaction that was rolled back may have made. */
  forget(): void {
    this.#numbers.clear();
    this.#ids.clear();
  }

  #insert(id: string): number {
    const { lastInsertRowid } = this.#insertId.run(id);
    return this.#remember(id, Number(lastInsertRowid));
  }

  #remember(id: string, number: number): number {
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    return number;
  }
}
