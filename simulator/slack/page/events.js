// Live updates: the server says what changed, we read that again. After a lost connection everything is read.

import { change, state } from "./store.js";
import { reload, reloadAll } from "./load.js";

let source = null;
let wait = 500;

export function listen() {
  source?.close();
  const person = state.as;
  source = new EventSource(`/_sim/ui/events?as=${person}`);
  source.onopen = () => {
    wait = 500;
    if (!state.online) reloadAll();
    change((s) => (s.online = true));
  };
  source.onmessage = (event) => reload(JSON.parse(event.data).changed);
  source.onerror = () => {
    source.close();
    change((s) => (s.online = false));
    setTimeout(() => person === state.as && listen(), wait);
    wait = Math.min(wait * 2, 8000);
  };
}
