import { Option, type Command } from 'commander';
import {
  addOutputOption,
  addScopeOptions,
  type OutputFormat,
  type ScopeOptions,
} from '../connection-options.ts';
import type { Io } from '../io.ts';
import { addAssumedVersionOption, type AssumedVersionOption } from './settings.ts';
import { follow } from './follow.ts';
import type { Fleet } from './read-fleet.ts';
import { Printer, type Named, type View } from './view.ts';

/** The options of commands that show a fleet. */
export interface ShowOptions extends ScopeOptions, AssumedVersionOption {
  output?: OutputFormat;
  watch?: boolean;
}

export function addShowOptions(command: Command): Command {
  addOutputOption(addScopeOptions(command), ['wide', 'json', 'yaml', 'name']);
  return addAssumedVersionOption(command).addOption(
    new Option('-w, --watch', 'after that, print what changes, until stopped'),
  );
}

/** Prints the items of a fleet and, if asked to, those that change, until the user has seen enough. */
export async function show<T extends Named>(
  view: View<T>,
  fleet: Fleet,
  itemsOf: (fleet: Fleet) => Promise<readonly T[]>,
  options: ShowOptions,
  io: Io,
  summary: (items: readonly T[]) => object = () => ({}),
): Promise<readonly T[]> {
  const printer = new Printer(view, options, io);
  const items = await itemsOf(fleet);
  const isTable = options.output === undefined || options.output === 'wide';
  if (options.watch !== true) {
    // As kubectl: no headers over nothing.
    if (items.length > 0 || !isTable) printer.all(items, summary(items));
  } else {
    if (options.output === 'json' || options.output === 'yaml') printer.changed(items);
    else printer.all(items);
    const stop = AbortSignal.any([io.stopSignal(), ...(io.outputEnded ? [io.outputEnded] : [])]);
    await follow(fleet, items, itemsOf, (changed) => printer.changed(changed), stop);
  }
  return items;
}
