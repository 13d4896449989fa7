/** `what` the first time, and nothing after. */
export function once(what: () => void): () => void {
  let done = false;
  return () => {
    if (!done) what();
    done = true;
  };
}
