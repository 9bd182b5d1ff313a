import { describeStoreContract } from "../store-contract/describe-store-contract.ts";
import { createMemoryStore } from "./memory-store.ts";

describeStoreContract({ name: "memory", open: (clock) => createMemoryStore({ clock }) });
