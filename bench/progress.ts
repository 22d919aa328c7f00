/** Tells a person at the terminal what goes on. */
export interface Progress {
  step(text: string): void;
  /** Overwrites its own line on a terminal; elsewhere one line for each tenth. */
  count(text: string, done: number, all: number): void;
}

export function progressTo(stream: NodeJS.WriteStream): Progress {
  let isOpen = false;
  const write = (text: string): void => {
    stream.write(text);
  };
  return {
    step(text) {
      write(`${isOpen ? '\n' : ''}${text}\n`);
      isOpen = false;
    },
    count(text, done, all) {
      const tenth = Math.max(1, Math.floor(all / 10));
      if (stream.isTTY) {
        write(`\r${text}: ${done} of ${all}`);
        isOpen = done < all;
        if (!isOpen) write('\n');
      } else if (done % tenth === 0 || done === all) {
        write(`${text}: ${done} of ${all}\n`);
      }
    },
  };
}
