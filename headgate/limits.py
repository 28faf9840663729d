"""Every bound of headgate, in one place, with its unit and its reason.

Limits are checked at the door with an error for people and asserted where the assumption is used.
"""

from __future__ import annotations

from typing import Final

US_PER_SECOND: Final = 1_000_000
US_PER_HOUR: Final = 3600 * US_PER_SECOND
US_PER_DAY: Final = 24 * US_PER_HOUR

# Numbers: keep window sums in 64 bits and n * sum(x^2) in 128 bits.
MAX_REFERENCE_MINOR: Final = 10**12 - 1
MAX_PAYMENTS_PER_KEY_AND_WINDOW: Final = 2**22
MIN_CLOCK_US: Final = 0  # 1970-01-01
MAX_CLOCK_US: Final = 4_102_444_800 * US_PER_SECOND  # 2100-01-01

# Time.
MAX_AHEAD_US: Final = 5 * 60 * US_PER_SECOND
MAX_WINDOW_US: Final = 28 * US_PER_DAY
PROFILE_DAYS: Final = 400  # closed days; schemes are long
PEER_DAYS: Final = 28  # closed days in which an account is compared with those of its type
PROFILE_HORIZON_US: Final = PROFILE_DAYS * US_PER_DAY

# Text.
MAX_ID_CHARS: Final = 128
MAX_TEXT_CHARS: Final = 256
MAX_NOTE_CHARS: Final = 4000

MAX_JOINT_PARTIES: Final = 16

# One call.
MAX_FACTS: Final = 2048  # the whole grammar, just over 1000 names, and room for it to grow
MAX_BLOCK_ROWS: Final = 65_536
MAX_REQUEST_BYTES: Final = 4 * 1024 * 1024
MAX_PAYMENTS_PER_REQUEST: Final = 1000
MAX_WITNESS_PAYMENTS: Final = 64

# Searches over the payment graph: beyond these the answer says `truncated`.
PATTERN_DEGREE: Final = 64  # newest distinct counterparties looked at per account
PATTERN_STEPS: Final = 1024  # edges visited by one search
PATTERN_HOPS: Final = 5  # payments in one chain, this payment included
LAYER_LOOKS: Final = 16  # newest payments or counterparties of an account inside a layer of accounts
STRUCTURING_LOOKS: Final = 256  # newest payments that an account sent, looked at for sums below a threshold
DORMANT_LOOKS: Final = 64  # newest payments of each direction since an account woke
DORMANT_US: Final = 90 * US_PER_DAY  # a shorter silence is no sleep
FLOW_NEIGHBOURS: Final = 8  # largest payments followed from an account, and routes kept a level
CYCLE_HOPS: Final = 10  # payments in one cycle, this payment included
CYCLE_STEPS: Final = 128  # edges visited by one search for cycles in order of time, and meetings of its halves tried
SIMPLE_CYCLE_STEPS: Final = 16_384  # edges looked at by one half of a search for simple cycles, and meetings tried
NEIGHBOURS: Final = 16  # newest distinct counterparties of an account whose own payments are looked at
CHAIN_HOPS: Final = 15  # payments of a chain that are counted; its length is told as this where it is longer
CHAIN_LOOKS: Final = 32  # newest payments an account received that may be handed on; one that has more hands nothing on
FORWARD_LOOKS: Final = 32  # newest payments each way in which the way of money through an account is followed
HABIT_LOOKS: Final = 64  # newest payments of an account that a payment is compared with
WALK_LOOKS: Final = 8  # newest payments of an account that a step of a walk follows; it makes two
FRAUD_LOOKS: Final = 64  # newest known frauds of a payer among which those of a pair are counted
RHYTHM_DAYS: Final = 32  # newest days with a payment between which gaps are measured
PAST_LOOKS: Final = 64  # newest payments of an account, each way, whose scores are remembered

# Communities: refresh k looks at the payments in (kR - w, kR] and is valid from (k+1)R on.
COMMUNITY_REFRESH_US: Final = 24 * US_PER_HOUR
COMMUNITY_WINDOW_US: Final = 7 * US_PER_DAY
COMMUNITY_ROUNDS: Final = 4  # rounds of label propagation

# Cases.
CASE_WINDOW_US: Final = 14 * US_PER_DAY
CASE_HUB_DEGREE: Final = 50  # an account with more counterparties in 28 days does not join alerts into a case
CASE_TIED_ACCOUNTS: Final = 12  # a pattern through more accounts does not join alerts into a case
MAX_CASE_ALERTS: Final = 500
CASE_GRAPH_PAYMENTS: Final = 400

# Conditions of scenarios.
MAX_CONDITION_CHARS: Final = 4000
MAX_CONDITION_NODES: Final = 300

# Webhooks.
COURIER_PAGE: Final = 100  # announcements that a courier reads at a time
COURIER_POLL_SECONDS: Final = 0.25  # how often a courier with nothing to tell looks again

# Keys.
KEY_SECONDS: Final = 5  # how long what the store said about a key holds: a disabled key works on that long
KEYS_AT_HAND: Final = 1000
MAX_KEY_DAYS: Final = 3660

# Login.
LOGIN_ATTEMPTS: Final = 5
LOGIN_WINDOW_SECONDS: Final = 300
SESSION_SECONDS: Final = 8 * 3600
MIN_PASSWORD_CHARS: Final = 12
LOGIN_ATTEMPTS_PER_ADDRESS: Final = 20  # one address may stand for many people
LOGIN_KEYS: Final = 10_000  # names and addresses remembered at a time
MAX_PASSWORD_CHARS: Final = 1024  # argon2id reads every byte of it
MAX_USER_NAME_CHARS: Final = 64

# The service.
MAX_QUEUE: Final = 1024  # requests that wait for the writer; beyond it the answer is 503
MAX_GROUP: Final = 256  # requests in one transaction
TICK_SECONDS: Final = 1  # how often deadlines are looked at
MAX_REMEMBERED_KEYS: Final = 100_000  # keys of the log in memory, prepared for use: some 800 bytes each
MAX_REMEMBERED_NAMES: Final = 500_000  # pseudonyms in memory, so that a known account costs no look at the vault
PAGE_ROWS: Final = 50
SNAPSHOT_SECONDS: Final = 3600  # a snapshot that takes longer is given up
STOP_SECONDS: Final = 10  # how long requests under way may take when the service stops

# Streams.
MAX_STREAM_BATCH: Final = 5000  # messages that are decided together
STREAM_FLIGHTS: Final = 3  # batches of one stream that are on their way at a time
MAX_STREAM_BYTES: Final = 512 * 1024  # of one message; brokers take 1 MB with the headers of a dead letter
BROKER_SECONDS: Final = 10  # how long one call to a broker may take
STREAM_RETRY_SECONDS: Final = (0.2, 10.0)  # first and longest wait before a broker or the writer is tried again
STREAM_IDLE_SECONDS: Final = 0.2  # how often announcements are looked for while nothing comes
MAX_ANNOUNCEMENTS: Final = 500  # told in one go

# The store and its archive.
STORE_WAIT_MS: Final = 5000  # how long a write waits for another that holds the store
MAX_STORE_WAIT_MS: Final = 60_000
ARCHIVE_BLOCK_ROWS: Final = 8192  # entries of one block of the archive, which is one row group of its files
MAX_PART_ENTRIES: Final = 32_768  # of one part: moving it holds the store for less than a second
MOVE_SECONDS: Final = 900  # how often a service looks for closed days to archive
TAKING_SECONDS: Final = 0.5  # how often a service looks whether other rules are asked for
WIDENING_BLOCK_ROWS: Final = 1024  # entries that an engine takes aside at once, beside the one that computes
WIDENING_SECONDS: Final = 60  # how long it waits for the writer to rest, then it begins again
MAX_KEEP_DAYS: Final = 400  # closed days that may stay in the store

# Questions over a home.
MAX_QUERY_CHARS: Final = 100_000
MAX_QUERY_ROWS: Final = 1_000_000
QUERY_MEMORY_MB: Final = 1024
QUERY_SECONDS: Final = 60.0

# Models.
MAX_CATEGORIES: Final = 64  # texts of one fact that a model keeps apart; the others are missing to it
MIN_TRAINING_ROWS: Final = 200  # payments with a known label
MIN_TRAINING_FRAUDS: Final = 5
MIN_STOPPING_FRAUDS: Final = 25  # in validation: by the luck of fewer, training ends after a dozen trees
MAX_MODEL_LEAVES: Final = (
    9_300  # trees times leaves: a score in some 12 microseconds, reasons in less than a millisecond
)
MAX_SEARCH_TRIALS: Final = 200
DRIFT_SAMPLE: Final = 16  # one payment in so many is compared with the training period, fact by fact
DRIFT_DAYS: Final = 28  # closed days that the watch remembers
DRIFT_ALERTS: Final = 20_000  # alerts whose probability the watch remembers until their outcome is known
MAX_REASONS: Final = 5  # sentences of a model about one payment
SEED_DAY_SCORES: Final = 1024  # highest scores of a validation day that a model carries to seed the threshold

# Decisions.
THRESHOLD_DAYS: Final = 28  # closed days that a threshold looks at
MAX_CASES_A_DAY: Final = 2_000
MAX_DAY_SCORES: Final = 16 * MAX_CASES_A_DAY  # highest scores kept of one day
MAX_OPEN_HOLDS: Final = 200_000  # beyond it a hold becomes a review
MAX_BURDEN_PAYERS: Final = 500_000  # payers whose recent interventions are remembered; the oldest go first
MAX_SNOOZES: Final = 100_000  # remembered dismissals; the oldest go first
MAX_LISTED_ACCOUNTS: Final = 500_000

# Backtests.
BACKTEST_EXAMPLES: Final = 10  # payments that a backtest shows, those with the highest amounts

# Evaluation.
MIN_EVALUATION_PAYMENTS: Final = 50  # fewer cannot be divided into training, validation and test

# The ledger.
TILE_WIDTH: Final = 256  # hashes of a full tile, entries of a full bundle (C2SP tlog-tiles)
MAX_LEDGER_ENTRY_BYTES: Final = 65_535  # an entry bundle writes lengths in 16 bits
MAX_LOG_SIZE: Final = 2**48  # entries; nine years of a million entries a second
MAX_PROOF_HASHES: Final = 63
MAX_NOTE_BYTES: Final = 64 * 1024
MAX_NOTE_SIGNATURES: Final = 64  # the specification asks for 16 at least
MAX_RECEIPT_BYTES: Final = 256 * 1024  # a note, a proof and one entry
MAX_JSON_INTEGER: Final = 2**53 - 1  # beyond it, canonical JSON cannot write integers exactly
PUBLISH_SECONDS: Final = 0.5  # how often a service looks for entries to publish
MAX_PUBLISH_ENTRIES: Final = 65_536  # entries that the publisher reads from the store at a time
MAX_WITNESSED_LOGS: Final = 1000
WITNESS_TIMEOUT_SECONDS: Final = 10
SIGN_COMMAND_SECONDS: Final = 10
MAX_LEGAL_HOLD_US: Final = 3660 * US_PER_DAY  # ten years; a longer one is renewed
