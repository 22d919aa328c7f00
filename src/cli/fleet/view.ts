import type { OutputFormat } from '../connection-options.ts';
import type { Io } from '../io.ts';
import { Table } from '../table.ts';
import { printableJson } from '../terminal.ts';
import { toYaml } from '../yaml-text.ts';

/** How items of one kind are shown. */
export interface View<T> {
  /** The list's name in JSON and YAML. */
  list: string;
  /** As kubectl spells the kind in `-o name`. */
  resource: string;
  columns: readonly Column<T>[];
}

export interface Column<T> {
  header: string;
  /** Only with `-o wide`. */
  isWide?: true;
  cell: (item: T) => string;
}

/** What every item is known by. */
export interface Named {
  namespace: string;
  name: string;
}

/** How a user wants to see them. */
export interface Shape {
  output?: OutputFormat;
  /** With their namespaces. */
  allNamespaces?: boolean;
}

/** Prints items once, and those that change later below them. */
export class Printer<T extends Named> {
  readonly #view: View<T>;
  readonly #io: Io;
  readonly #output: OutputFormat;
  readonly #columns: readonly Column<T>[];
  readonly #table: Table;

  constructor(view: View<T>, { output = 'table', allNamespaces }: Shape, io: Io) {
    this.#view = view;
    this.#io = io;
    this.#output = output;
    const namespace: Column<T> = { header: 'NAMESPACE', cell: (item) => item.namespace };
    this.#columns = [
      ...(allNamespaces === true ? [namespace] : []),
      ...view.columns.filter(({ isWide }) => output === 'wide' || isWide !== true),
    ];
    this.#table = new Table(this.#columns.map(({ header }) => header));
  }

  /** @param extra more fields of the object that JSON and YAML are */
  all(items: readonly T[], extra: object = {}): void {
    const whole = { [this.#view.list]: items, ...extra };
    switch (this.#output) {
      case 'json': {
        this.#io.out(`${printableJson(JSON.stringify(whole, null, 2))}\n`);
        return;
      }
      case 'yaml': {
        this.#io.out(toYaml([whole]));
        return;
      }
      case 'name': {
        this.changed(items);
        return;
      }
      default: {
        this.#io.out(this.#table.withHeader(this.#rows(items)));
        return;
      }
    }
  }

  /** One line each, or one document. */
  changed(items: readonly T[]): void {
    switch (this.#output) {
      case 'json':
        for (const item of items) this.#io.out(`${printableJson(JSON.stringify(item))}\n`);
        return;
      case 'yaml':
        for (const item of items) this.#io.out(`---\n${toYaml([item])}`);
        return;
      case 'name':
        for (const { name } of items) this.#io.out(`${this.#view.resource}/${name}\n`);
        return;
      default:
        this.#io.out(this.#table.more(this.#rows(items)));
    }
  }

  #rows(items: readonly T[]): string[][] {
    return items.map((item) => this.#columns.map(({ cell }) => cell(item)));
  }
}

/** For a table's cell that has nothing to say. */
export function orDash(text: string | number | null | undefined): string {
  return text === undefined || text === null || text === '' ? '-' : String(text);
}
