mod breaking;
mod covering;
mod declining;
mod fixtures;
mod planning;
mod ruling;
