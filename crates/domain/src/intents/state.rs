//! Statuses, and which command each permits: as data that can be listed, drawn and tested (contract §4).

use crate::kernel::words;

words! {
    /// Where an intent stands.
    IntentStatus {
        /// No method yet, or the last attempt was declined.
        RequiresPaymentMethod = "requires_payment_method",
        /// Has a method and waits to be confirmed.
        RequiresConfirmation = "requires_confirmation",
        /// The customer must meet a challenge.
        RequiresAction = "requires_action",
        /// A gateway is being asked, or its answer is not known yet.
        Processing = "processing",
        /// Authorized; our own capture is scheduled.
        Authorized = "authorized",
        /// Authorized; waits for the merchant's capture.
        RequiresCapture = "requires_capture",
        /// The money was taken. Final, unless the gateway takes it back.
        Succeeded = "succeeded",
        /// Given up before money moved. Final.
        Canceled = "canceled",
        /// No attempts are left, or fraud denied it. Final.
        Failed = "failed",
    }
}

words! {
    /// What became of one try at one connector.
    AttemptStatus {
        /// Committed before the gateway is called.
        Started = "started",
        /// Held or taken.
        Approved = "approved",
        /// Refused.
        Declined = "declined",
        /// The customer must meet a challenge.
        Challenge = "challenge",
        /// Known not to have happened.
        Error = "error",
        /// It may have happened; looked up until it is known.
        Unknown = "unknown",
        /// The gateway answered with another amount or currency than asked: for a person to look at.
        Conflict = "conflict",
    }
}

words! {
    /// What became of a capture.
    CaptureStatus {
        /// Committed before the gateway is called, or its answer is not known yet.
        Pending = "pending",
        /// The money was taken.
        Succeeded = "succeeded",
        /// It was not.
        Failed = "failed",
    }
}

words! {
    /// Who asked the gateway for a capture.
    CaptureOrigin {
        /// We did.
        Tender = "tender",
        /// A person, in the gateway's own dashboard.
        Gateway = "gateway",
    }
}

words! {
    /// Whether the money is taken with the authorization or later by the merchant.
    CaptureMode {
        /// At once, or by us after a delay.
        Auto = "auto",
        /// By `capture`.
        Manual = "manual",
    }
}

words! {
    /// What can be asked of an intent.
    Command {
        /// Change how much is asked for, or when it is taken.
        Update = "update",
        /// Give it a method.
        AttachMethod = "attach_method",
        /// Ask a gateway for the money.
        Confirm = "confirm",
        /// Ask a gateway for a session of an alternative payment method.
        StartSession = "start_session",
        /// Go on after a challenge.
        CompleteChallenge = "complete_challenge",
        /// Take what is held.
        Capture = "capture",
        /// Give it up.
        Cancel = "cancel",
    }
}

impl IntentStatus {
    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled | Self::Failed)
    }

    /// Whether the command may be tried in this status. What else it needs is in the transition.
    #[must_use]
    pub const fn permits(self, command: Command) -> bool {
        use IntentStatus as S;
        match command {
            Command::Update | Command::AttachMethod | Command::StartSession => {
                matches!(self, S::RequiresPaymentMethod | S::RequiresConfirmation)
            }
            Command::Confirm => matches!(self, S::RequiresConfirmation),
            Command::CompleteChallenge => matches!(self, S::RequiresAction),
            Command::Capture => matches!(self, S::RequiresCapture | S::Authorized),
            Command::Cancel => !matches!(self, S::Succeeded | S::Canceled | S::Failed),
        }
    }
}
