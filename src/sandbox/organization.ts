/** One organization of the sandbox: its stores, what is made of them, and its quota. */
import type { Post } from "./posts.ts";
import type { Quota } from "./quota.ts";
import type { Review } from "./reviews.ts";
import type { StoreBook } from "./store-book.ts";
import type { Webhooks } from "./webhooks.ts";
import { createPosts } from "./posts.ts";
import { createReviews } from "./reviews.ts";
import { createStoreBook } from "./store-book.ts";
import { createStores } from "./stores.ts";

export interface Organization {
  readonly id: number;
  readonly name: string;
  readonly book: StoreBook;
  readonly reviews: readonly Review[];
  readonly posts: readonly Post[];
  readonly quota: Quota;
}

export interface OrganizationOptions {
  readonly id: number;
  readonly brand: string;
  readonly stores: number;
  readonly seed: number;
  readonly today: Date;
  readonly quota: Quota;
  /** Told of every change to a store. */
  readonly webhooks: Webhooks;
}

/** The same options give the same organization. */
export function createOrganization({ id, brand, stores: count, seed, today, quota, webhooks }: OrganizationOptions): Organization {
  const stores = createStores({ count, seed, organization: id, brand, today });
  const book = createStoreBook(stores, (event, business) => webhooks.emit(id, event, { business }));
  return { id, name: brand, book, reviews: createReviews(stores, seed), posts: createPosts(stores, seed), quota };
}
