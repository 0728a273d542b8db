//! What is found, what is not, and what comes back.

mod hidden;
mod oracle;
mod recall;
mod restore;
mod scan;
